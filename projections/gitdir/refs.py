"""Refs: where a repository's branches end, each in a file of its own or all in one."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from dulwich.objects import valid_hexsha
from dulwich.refs import (
    HEADREF,
    SYMREF,
    Ref,
    check_ref_format,
    is_per_worktree_ref,
    read_packed_refs,
    read_packed_refs_with_peeled,
)

from projections.files.reading import GIT_TEXT, read

_DEEPEST = 5
"""Names that lead to names."""


class Refs:
    """The refs of a worktree; what all worktrees have is in `common_dir`."""

    def __init__(self, git_dir: Path, common_dir: Path) -> None:
        self._git_dir = git_dir
        self._common_dir = common_dir

    def branch(self) -> bytes | None:
        """The full name of the branch that HEAD names, whether or not there is one."""
        said = self._read_file(HEADREF) or b""
        return said.removeprefix(SYMREF).strip() if said.startswith(SYMREF) else None

    def head(self) -> tuple[bytes | None, bytes | None]:
        """The branch that is checked out, if one is, and the id of its commit, if there is one, in hexadecimal."""
        name, branch = HEADREF, None
        for _ in range(_DEEPEST):
            said = self.read(name)
            if said is None or not said.startswith(SYMREF):
                return branch, said
            name = branch = Ref(said.removeprefix(SYMREF).strip())
        raise ValueError(f"HEAD leads from name to name: {name!r}")

    def read(self, name: bytes) -> bytes | None:
        """The id that a ref has, in hexadecimal, or which ref it stands for; None where there is none of that name."""
        ref = Ref(name)
        if ref != HEADREF and not check_ref_format(ref):
            return None
        said = self._read_file(ref)
        if said is None:
            return self.packed().get(ref)
        if not said.startswith(SYMREF) and not valid_hexsha(said):
            raise ValueError(f"{name!r} is neither a commit nor a name: {said[:80]!r}")
        return said

    def _read_file(self, ref: Ref) -> bytes | None:
        """Its first line, where there is one."""
        folder = self._git_dir if is_per_worktree_ref(ref) else self._common_dir
        path = folder / ref.decode("utf-8", "surrogateescape")
        if path.is_dir():  # of branches that are packed, or gone
            return None
        content = read(path, GIT_TEXT, follows=True)
        return content.partition(b"\n")[0].rstrip(b"\r") if content else None

    def packed(self) -> dict[bytes, bytes]:
        """All that are in the one file."""
        return dict(self._packed())

    def _packed(self) -> Iterator[tuple[bytes, bytes]]:
        content = read(self._common_dir / "packed-refs", GIT_TEXT, follows=True) or b""
        first, _, rest = content.partition(b"\n")
        if first.startswith(b"# pack-refs") and b" peeled" in first:
            yield from ((name, sha) for sha, name, _ in read_packed_refs_with_peeled(BytesIO(rest)))
        else:
            yield from ((name, sha) for sha, name in read_packed_refs(BytesIO(content)))


def may_be_branch(name: bytes) -> bool:
    """Whether git would have a branch of that full name."""
    return name.startswith(b"refs/heads/") and check_ref_format(Ref(name))
