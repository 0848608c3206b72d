"""Recovering: a film that nobody keeps gets a new log, and is registered with that."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from daemon import locations
from daemon.disk.marker import LOG
from daemon.home.holding import NotAProject, locked
from daemon.home.home import Home, find_home, new_folder, read_binding, settle
from daemon.recovery.copies import copies_of
from daemon.recovery.recover import Recovered, Recovery
from daemon.recovery.standing import registered_log
from events import Refused
from events.store.log_file import end_of
from projections.layout import OWN_FOLDER


class LogInStudio(Refused):
    """Raised when a log is to be made anew that is in a studio's database."""

    hint = "The studio's backups have it. What this machine has seen beyond one is brought back by `takes studio mend`."

    def __init__(self, root: Path) -> None:
        super().__init__(f"the log of {root} is in a studio's database")


def recover_project(path: Path, more: Sequence[Path] = (), *, dry_run: bool = False) -> Recovered:
    """Make a new log for the film in that folder from what is left, `more` being copies of its log; ProjectInUse."""
    root = path.expanduser().resolve()
    if not (root / OWN_FOLDER).is_dir():
        raise NotAProject(root)
    with _home_of(root) as home, locked(home):
        found = Recovery(root, home.folder, copies_of, registered_log(root), more).run(dry_run=dry_run)
        if not dry_run:
            _say_which(home)
    return found


@contextmanager
def _home_of(root: Path) -> Iterator[Home]:
    """Where the film's log is to be: for one on a share that says nothing of it, a new folder, which goes if it is left."""
    home = find_home(root, is_lost=True)
    if home.studio:
        raise LogInStudio(root)
    if not home.is_on_share or home.log.exists():
        home.folder.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
        yield home
        return
    folder = new_folder()
    try:
        yield Home(root, folder, is_on_share=True)
    finally:
        if not (folder / LOG).exists():
            rmtree(folder)


def _say_which(home: Home) -> None:
    """Have the film, where it lies on a share, and the registry speak of the log that is there now."""
    log = end_of(home.log).log
    said = read_binding(home.root)
    if home.folder != home.root / OWN_FOLDER and (said is None or said.log != log):
        settle(home.root, home.folder, log)
    if registered_log(home.root) not in (None, log):
        locations.register_project(str(home.root), log)
