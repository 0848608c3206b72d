"""The repository: git and Git LFS by the command line, with a user of their own, in and beside a film."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.support.film import Film, environment


class Git:
    """The real git in one worktree."""

    def __init__(self, worktree: Path, home: Path) -> None:
        self.worktree = worktree
        self.home = home

    def run(self, *args: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Whatever comes of it."""
        command = ["git", *args]
        return subprocess.run(
            command,
            cwd=self.worktree,
            env=environment(self.home, **env),
            capture_output=True,
            text=True,
            check=False,
            errors="surrogateescape",
        )

    def __call__(self, *args: str) -> str:
        """What it prints; it has to go well."""
        answer = self.run(*args)
        assert not answer.returncode, f"git {' '.join(args)}: {answer.stdout}{answer.stderr}"
        return answer.stdout

    def staged(self) -> set[str]:
        """The paths that are in the index."""
        return set(self("ls-files", "-z").split("\0")) - {""}

    def unstaged(self) -> list[str]:
        """What `git status` has to say of anything that is not staged as it is on the disk."""
        return [line for line in self("status", "--porcelain").splitlines() if line[1] != " "]

    def subjects(self) -> list[str]:
        """The first lines of all commits, youngest first."""
        return self("log", "--format=%s").splitlines()


def begin(film: Film, *, worktree: Path | None = None, filters: bool = True) -> Git:
    """A repository at the film, or at the folder above it, with a user and Git LFS configured."""
    git = Git(worktree or film.root, film.folder)
    begun = _begun(filters=filters)
    with film.folder.joinpath(".gitconfig").open("a") as config:
        config.write(begun.joinpath(".gitconfig").read_text())
    shutil.copytree(begun / ".git", git.worktree / ".git")
    return git


@cache
def _begun(*, filters: bool) -> Path:
    """A folder with a repository and the user's configuration, made by git itself once for all films of this process."""
    folder = Path(tempfile.mkdtemp(prefix="takes-git-"))
    atexit.register(shutil.rmtree, folder)
    git = Git(folder, folder)
    for name, value in (
        ("user.name", "Ann Onym"),
        ("user.email", "ann@example.org"),
        ("init.defaultBranch", "main"),
        ("protocol.file.allow", "always"),
        ("advice.detachedHead", "false"),
    ):
        git("config", "--global", name, value)
    if filters:
        git("lfs", "install", "--skip-repo")
    git("init", "--quiet")
    git("config", "gc.auto", "0")
    if filters:
        git("lfs", "install", "--local")
    return folder
