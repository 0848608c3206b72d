"""Who may read what we did not write."""

import ast

from tests.architecture.sources import names, nodes, of
from tests.support.of_each import of_each

READING = {
    "open",
    "read_bytes",
    "read_text",
    "open_code",
    "fopen",
    "from_path",
    "copyfile",
    "copy2",
    "shutil.copy",
}
"""What opens a file by its path, or reads it, by the last part of its name."""

READERS = {
    # the floor of it all
    "projections/files/opening.py": "os.open",
    "projections/files/writing.py": "os.open shutil.copyfile",
    "projections/files/sharing.py": "os.open",
    # a whole file goes to another, piece by piece; no link is followed, and what is no file is refused
    "projections/artifacts/store.py": "shutil.copyfile",
    # a file of our own that is written beside its place
    "projections/artifacts/picture_cache.py": "beside.open",
    "projections/git/lfs.py": "shutil.copyfile",
    "daemon/disk/moving.py": "shutil.copyfile",
    "daemon/disk/uploads.py": "self._made.open",
    "daemon/ingest/placing.py": "shutil.copyfile",
    "daemon/edit/copying.py": "shutil.copyfile",
    "daemon/home/moving.py": "shutil.copyfile",
    "daemon/recovery/recover.py": "shutil.copy shutil.copy2",
    # folders, and locks of ours
    "daemon/disk/folders.py": "os.open",
    "daemon/supervision/liveness.py": "os.open",
    "daemon/disk/locking.py": "os.open",
    "projections/gitdir/locks.py": "Path('/proc/sys/kernel/random/boot_id').read_text "
    "Path(f'/proc/{pid}/stat').read_text made.open os.open",
    # files that are lent to a decoder, and what it tries its cage by
    "projections/media/cage/attempts.py": "os.open",
    "projections/media/stills/opening.py": "Image.open",
    "projections/media/drawing/sheets.py": "Image.open",
    "projections/media/drawing/burn_in.py": "Image.open",
    "projections/media/reel.py": "av.open",
    "projections/media/clip.py": "av.open",
    "projections/media/proxy.py": "av.open",
    # what the kernel says
    "projections/media/cage/sandbox.py": "Path('/proc/self/statm').read_text",
    "daemon/disk/mounts.py": "Path('/proc/self/mountinfo').read_bytes",
    # what a runner is told, and has made, in a folder of ours; what dulwich is handed
    "daemon/runners/command.py": "request_of(job).open",
    "daemon/api/routes/handover.py": "part.open",
    "daemon/runners/comfyui/client.py": "part.open",
    "projections/gitdir/config.py": "opener.open",
    # what stands for a stream that is closed
    "daemon/cli/output.py": "open os.open",
    # the user's own files, outside of any film, and the page that we come with
    "daemon/cli/params.py": "open",
    "daemon/cli/machine/background.py": "open os.open",
    "daemon/cli/machine/gallery.py": "webbrowser.open",
    "daemon/cli/machine/stop.py": "open",
    "daemon/cli/service/systemd.py": "path.read_text (self._scope.drop_ins/FILMS).read_text",
    "daemon/cli/service/units.py": "template_of('launchd','local.takes.plist').read_bytes template_of('systemd',template).read_text",
    "daemon/http/port.py": "path.read_bytes",
    "daemon/logs/journal.py": "open",
    "daemon/run.py": "os.open",
    "daemon/config/file.py": "path.read_bytes",
    "daemon/locations.py": "open os.open",
    "daemon/http/token.py": "os.open",
    "daemon/http/page.py": "other.read_bytes path.read_bytes",
    "projections/recipes/graph/families.py": "OWN.read_bytes",
}
"""Who calls these, and what. All others have `projections.files.reading` read for them, or lend an open file."""


@of_each([*of("projections"), *of("daemon")])
def test_a_file_that_may_be_anybodys_is_read_by_the_one_reader(module: str) -> None:
    assert _readings(module) <= set(READERS.get(module, "").split())


@of_each(READERS)
def test_no_reader_is_named_that_reads_nothing(module: str) -> None:
    assert _readings(module) == set(READERS[module].split())


@of_each(of("projections/gitdir"))
def test_dulwich_gets_bytes_or_open_files_and_no_path(module: str) -> None:
    assert not names(module) & {"Repo", "GitFile", "DiskObjectStore", "DiskRefsContainer", "default_backends"}


def _readings(module: str) -> set[str]:
    """What is called, or handed on to be called, to open a file by its path or to read it; what is awaited is no file."""
    calls = [node.value for node in nodes(module) if isinstance(node, ast.Await)]
    awaited = {call.func for call in calls if isinstance(call, ast.Call)}
    named = [
        node for node in nodes(module) if isinstance(node, ast.Attribute | ast.Name) and node not in awaited
    ]
    texts = {ast.unparse(node) for node in named}
    return {text.replace(" ", "") for text in texts if {text, text.rpartition(".")[2]} & READING}
