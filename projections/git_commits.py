"""Commits: what of the staged takes is put on top of the branch, and how each commit is called."""

from collections.abc import Sequence
from datetime import datetime

from projections.git_branch import Branch, Change
from projections.git_entries import Entries, FilmInGit
from projections.git_index import PLAIN
from projections.git_shared import SHARED, with_ours
from projections.git_staging import Group

Changes = dict[str, Change]
"""By path in the film, what it is to be."""


def commit_each(film: FilmInGit, entries: Entries, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for each group in which something is new; CommitRefused where none can be made."""
    branch = Branch(film.repository, moment)
    for group in groups:
        changes = _changes(entries, group)
        _commit(film, branch, changes, _title(film, branch, group, changes))
    branch.finish()


def commit_all(film: FilmInGit, entries: Entries, groups: Sequence[Group], moment: datetime) -> None:
    """One commit for all of them; CommitRefused where none can be made."""
    branch, together, titles = Branch(film.repository, moment), Changes(), []
    for group in groups:
        changes = _changes(entries, group)
        together |= changes
        if any(branch.find(film.full(path)) != change for path, change in changes.items()):
            titles.append(_title(film, branch, group, changes))
    titles = list(dict.fromkeys(titles)) or [groups[-1].otherwise]
    subject = titles[0] if len(titles) < 2 else f"{titles[0]}, and {len(titles) - 1} more"
    body = "" if len(titles) < 2 else "\n\n" + "\n".join(titles)
    _commit(film, branch, together, subject + body)
    branch.finish()


def _changes(entries: Entries, group: Group) -> Changes:
    """What git's index has by now of a group: what the user has staged, unstaged or committed since, stays so."""
    staged = {path: entry for path in group.staged if (entry := entries.find(path))}
    return {**staged, **{path: None for path in group.gone if not entries.has(path)}}


def _title(film: FilmInGit, branch: Branch, group: Group, changes: Changes) -> str:
    """A new take by its name; of one that the branch has already, what became of it."""
    media = changes.get(group.media) if group.media else None
    is_new = media is not None and branch.find(film.full(group.media or "")) != media
    return group.title if is_new else group.otherwise


def _commit(film: FilmInGit, branch: Branch, changes: Changes, message: str) -> None:
    """Put the changes on top, with the shared files as the branch has them but for our part of each."""
    adapted = dict(changes)
    for name in SHARED:
        if adapted.get(name):
            found = branch.find(film.full(name))
            before = film.repository.read_blob(found[1]) if found else None
            adapted[name] = (PLAIN, film.repository.add("blob", with_ours(film, name, before)))
    branch.add({film.full(path): change for path, change in adapted.items()}, message + "\n")
