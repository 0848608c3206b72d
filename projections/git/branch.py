"""The branch: the commits that are put on top of the one that is checked out."""

import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from projections.files.opening import open_to_write
from projections.git.repository import CommitRefused, Kind, Repository, RepositoryUnusable
from projections.gitdir.locks import Locks
from projections.worktree import under_way_in

FOLDER = 0o040000

Entry = tuple[int, bytes]
"""The mode and the object of a path."""

Change = Entry | None
"""What a path is to be; None where it is not to be there."""

Tree = dict[bytes, Entry]


class Branch:
    """The branch that is checked out, and the commits that are put on top of it."""

    def __init__(self, repository: Repository, moment: datetime, locks: Locks) -> None:
        self._repository = repository
        self._locks = locks
        self._moment = moment
        self._name, self._before = repository.head()
        self._tip = self._before
        self._identity = b""
        self._tree = self._tree_of(self._tip) if self._tip else None

    def find(self, path: str) -> Entry | None:
        """What the branch has at that path."""
        found: Entry | None = (FOLDER, self._tree) if self._tree else None
        for name in os.fsencode(path).split(b"/"):
            found = self._entries_of(found).get(name)
        return found

    def commit(self, changes: Mapping[str, Change], message: str) -> None:
        """Put a commit with those changes, and no others, on top, where they change anything. CommitRefused."""
        paths = {tuple(os.fsencode(path).split(b"/")): change for path, change in changes.items()}
        tree = self._graft(self._tree, paths) or self._repository.add_object("tree", b"")
        if tree == self._tree:
            return
        self._identity = self._identity or self._author()
        lines = [b"tree " + tree.hex().encode()]
        lines += [b"parent " + self._tip.hex().encode()] if self._tip else []
        lines += [role + b" " + self._identity + b" " + self._date() for role in (b"author", b"committer")]
        self._tip = self._repository.add_object("commit", b"\n".join([*lines, b"", message.encode()]))
        self._tree = tree

    def finish(self) -> None:
        """Have the branch end in the last of those commits; CommitRefused where it has moved meanwhile."""
        if self._tip is None or self._tip == self._before or self._name is None:
            return
        self._repository.move_branch(self._name, self._before, self._tip, self._locks)
        for place in (
            self._repository.git_dir / "logs" / "HEAD",
            self._repository.common_dir / "logs" / self._name,
        ):
            self._add_to_reflog(place, self._tip)

    def _author(self) -> bytes:
        """Who makes the commits; CommitRefused where none can be made just then."""
        if what := under_way_in(self._repository.git_dir):
            raise CommitRefused(f"{what} is under way", "It is tried again once that is done.")
        if self._name is None:
            raise CommitRefused("no branch is checked out", "Check one out: git switch BRANCH")
        return self._repository.identity()

    def _date(self) -> bytes:
        """The moment as git writes it: seconds, and the difference from UTC."""
        return f"{int(self._moment.timestamp())} {self._moment:%z}".encode()

    def _add_to_reflog(self, place: Path, tip: bytes) -> None:
        """Tell the log by which `git reflog` finds what was before; it is made where git would make one."""
        if not place.exists() and not self._repository.is_on("core", "logAllRefUpdates", otherwise=True):
            return
        before = self._before or bytes(self._repository.id_length)
        words = [before.hex().encode(), tip.hex().encode(), self._identity, self._date()]
        place.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(open_to_write(place, os.O_APPEND), "ab") as file:
            file.write(b" ".join(words) + b"\tcommit: takes\n")

    def _tree_of(self, commit: bytes) -> bytes:
        """The tree of a commit."""
        return bytes.fromhex(
            self._content("commit", commit).split(b"\n", 1)[0].removeprefix(b"tree ").decode()
        )

    def _content(self, kind: Kind, name: bytes) -> bytes:
        """What cannot be read is not taken for empty: a commit without it would remove what is there."""
        found = self._repository.read_object(name)
        if found is None or found[0] != kind:
            raise RepositoryUnusable(
                self._repository.worktree, f"lacks the {kind} {name.hex()}", "See what `git fsck` says."
            )
        return found[1]

    def _entries_of(self, found: Entry | None) -> Tree:
        """What is in a tree; nothing where there is none."""
        if found is None or not stat.S_ISDIR(found[0]):
            return {}
        return _parsed(self._content("tree", found[1]), self._repository.id_length)

    def _graft(self, base: bytes | None, changes: Mapping[tuple[bytes, ...], Change]) -> bytes | None:
        """The tree with those changes; None where nothing is left in it."""
        tree = self._entries_of((FOLDER, base) if base else None)
        for name, below in _by_first(changes).items():
            made = below[()] if () in below else self._graft_below(tree.get(name), below)
            if made:
                tree[name] = made
            else:
                tree.pop(name, None)
        return self._repository.add_object("tree", _rendered(tree)) if tree else None

    def _graft_below(self, found: Entry | None, changes: Mapping[tuple[bytes, ...], Change]) -> Entry | None:
        inner = self._graft(found[1] if found and stat.S_ISDIR(found[0]) else None, changes)
        return (FOLDER, inner) if inner else None


def _parsed(content: bytes, id_length: int) -> Tree:
    tree, at = {}, 0
    while at < len(content):
        end = content.index(0, at)
        mode, _, name = content[at:end].partition(b" ")
        at = end + 1 + id_length
        tree[name] = int(mode, 8), content[end + 1 : at]
    return tree


def _rendered(tree: Tree) -> bytes:
    """In git's order, a folder is where its name with a slash belongs."""
    ordered = sorted(tree, key=lambda name: name + b"/" if stat.S_ISDIR(tree[name][0]) else name)
    return b"".join(b"%o %s\0%s" % (tree[name][0], name, tree[name][1]) for name in ordered)


def _by_first(
    changes: Mapping[tuple[bytes, ...], Change],
) -> dict[bytes, dict[tuple[bytes, ...], Change]]:
    grouped: dict[bytes, dict[tuple[bytes, ...], Change]] = {}
    for (first, *rest), change in changes.items():
        grouped.setdefault(first, {})[tuple(rest)] = change
    return grouped
