"""Commits: what of the staged takes is put on top of the branch, and how each commit is called.

None is made of the shared files alone: they go with the takes and the choices that are news to the branch. So a
branch that never had takes gets none, and a take that went with a checkout is in no commit.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from projections.artifacts.project_file import read_if_fit
from projections.artifacts.project_told import read_told
from projections.git.attributes import SHARED
from projections.git.branch import Branch, Change
from projections.git.entries import Entries, FilmInGit
from projections.git.shared_files import with_ours
from projections.git.staging import EMPTY, Group
from projections.gitdir.index import PLAIN
from projections.layout import PROJECT_FILE

Changes = dict[str, Change]
"""By path in the film, what it is to be."""

Hidden = dict[str, tuple[int, ...]]
"""By the path of a shot, the numbers of those of its takes that are hidden."""


def commit_each(film: FilmInGit, entries: Entries, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for each group in which something is new; CommitRefused where none can be made."""
    branch = Branch(film.repository, moment, film.locks)
    for title, changes in _changed_groups(film, entries, branch, groups):
        _commit(film, entries, branch, changes, title)
    branch.finish()


def commit_all(film: FilmInGit, entries: Entries, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for all of them in which something is new; CommitRefused where none can be made."""
    branch, together, titles = Branch(film.repository, moment, film.locks), Changes(), list[str]()
    for title, changes in _changed_groups(film, entries, branch, groups):
        together |= changes
        titles.append(title)
    if titles := sorted(dict.fromkeys(titles), key=EMPTY.__eq__):  # that is told of last
        subject = titles[0] if len(titles) < 2 else f"{titles[0]}, and {len(titles) - 1} more"
        body = "" if len(titles) < 2 else "\n\n" + "\n".join(titles)
        _commit(film, entries, branch, together, subject + body)
        branch.finish()


def _changed_groups(
    film: FilmInGit, entries: Entries, branch: Branch, groups: Sequence[Group]
) -> Iterator[tuple[str, Changes]]:
    """Of the groups that are news to the branch, how each is called, and what of it is to be."""
    before = _hidden(_on_branch(film, branch, PROJECT_FILE))
    told = _hidden(read_if_fit(film.root))
    for group in groups:
        changes = _changes(entries, group)
        new = {path for path, change in changes.items() if branch.find(film.full(path)) != change}
        shot, number = group.take or ("", 0)
        # That a take is hidden, or is not any more, may be told by that file alone.
        is_told = shot in before and (number in before[shot]) != (number in told.get(shot, ()))
        if new or is_told:
            yield _title(group, changes, new, has_other=is_told), changes


def _changes(entries: Entries, group: Group) -> Changes:
    """What git's index has by now of a group: what the user has staged, unstaged or committed since, stays so."""
    staged = {path: entry for path in group.staged if (entry := entries.find(path))}
    return {**staged, **{path: None for path in group.gone if not entries.has(path)}}


def _title(group: Group, changes: Changes, new: set[str], *, has_other: bool) -> str:
    """A new take by its name; of one that the branch has already, what became of it."""
    if group.media in new and changes[group.media]:
        return group.title
    return group.uses if new <= group.links and not has_other else group.otherwise


def _commit(film: FilmInGit, entries: Entries, branch: Branch, changes: Changes, message: str) -> None:
    """Put the changes on top, with the shared files as the branch has them but for our part of each."""
    adapted = dict(changes)
    for name in SHARED:
        if entries.find(name):
            content = with_ours(film, name, _on_branch(film, branch, name))
            adapted[name] = (PLAIN, film.repository.add_object("blob", content))
    branch.commit({film.full(path): change for path, change in adapted.items()}, message + "\n")


def _on_branch(film: FilmInGit, branch: Branch, name: str) -> bytes | None:
    """What the branch has of a file."""
    found = branch.find(film.full(name))
    return film.repository.read_blob(found[1]) if found else None


def _hidden(project_file: bytes | None) -> Hidden:
    return {shot.path: shot.hidden for shot in read_told(project_file or b"")}
