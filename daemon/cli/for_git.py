"""For git, on the command line: what it asks of us about `project.json` by itself. No daemon is asked."""

# ruff: noqa: PLC0415

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from daemon.cli.main import program

_SIDES = ("ours", "base", "theirs")


@program.command("git-clean")
def git_clean() -> None:
    """Filter for git: a project.json in, what git is to have of it out."""
    import shutil

    from projections.artifacts.project_text import for_git
    from projections.files.reading import PROJECT

    content = sys.stdin.buffer.read(PROJECT + 1)
    sys.stdout.buffer.write(for_git(content) if len(content) <= PROJECT else content)
    shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)  # what is too large for one stays as it is


@program.command("merge-project-file")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
def merge_project_file(base: str, ours: str, theirs: str) -> int:
    """Merge driver for git: what two branches say in project.json becomes one, in the file OURS.

    The exit code is 1 where your own part of it is in conflict.
    """
    from projections.files.reading import PROJECT, read

    try:
        found = [read(path, PROJECT) or b"" for path in (ours, base, theirs)]
    except OSError as error:
        click.echo(f"{error.filename}: {error.strerror}", err=True)
        return 1
    merged = _merged_as_text(_with_one_key(found))
    if merged is None:
        return 1
    content, is_clean = merged
    Path(ours).write_bytes(content)
    return 0 if is_clean else 1


def _with_one_key(found: Sequence[bytes]) -> Sequence[bytes]:
    """Ours, base and theirs with what is said of the takes merged; as they are where that cannot be."""
    from projections.artifacts.project_text import ProjectFileUnreadable, with_one_key

    try:
        ours, base, theirs = (content.decode() for content in found)
        return [text.encode() for text in with_one_key(ours, base, theirs)]
    except (ProjectFileUnreadable, UnicodeError):
        return found


def _merged_as_text(found: Sequence[bytes]) -> tuple[bytes, bool] | None:
    """Ours, base and theirs as git merges texts, and whether without a conflict; None where git cannot."""
    import subprocess
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        for name, content in zip(_SIDES, found, strict=True):
            Path(folder, name).write_bytes(content)
        labels = [word for name in _SIDES for word in ("-L", name)]
        command = ["git", "merge-file", "-p", *labels, *(f"{folder}/{name}" for name in _SIDES)]
        answer = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    is_merged = answer.returncode <= 127  # 255 for what is no text
    return (answer.stdout, answer.returncode == 0) if is_merged else None
