"""The names in a pack: those that git has put there, and no others."""

import os
import subprocess
from pathlib import Path

import pytest

from projections.gitdir.pack_names import PackNames


def git(folder: Path, *words: str, said: bytes = b"") -> str:
    done = subprocess.run(["git", *words], cwd=folder, input=said, check=True, capture_output=True)
    return done.stdout.decode().strip()


def packed(folder: Path, form: str, version: int) -> tuple[str, list[str]]:
    """The index of a pack of git's own, and the names of what is in it."""
    git(folder, "init", "--quiet", f"--object-format={form}")
    names = [git(folder, "hash-object", "-w", "--stdin", said=b"%d" % number) for number in range(300)]
    listed = "\n".join(names).encode()
    pack = git(folder, "pack-objects", f"--index-version={version}", ".git/objects/pack/pack", said=listed)
    return str(folder / f".git/objects/pack/pack-{pack}.idx"), names


@pytest.mark.parametrize(("form", "length"), [("sha1", 20), ("sha256", 32)])
def test_what_git_has_packed_is_in_it_and_nothing_else(tmp_path: Path, form: str, length: int) -> None:
    path, names = packed(tmp_path, form, 2)
    found = PackNames(path, length)
    try:
        assert all(bytes.fromhex(name) in found for name in names)
        known = {bytes.fromhex(name) for name in names}
        others = [name[:1] + os.urandom(length - 1) for name in known]
        others += [bytes([byte]) * length for byte in range(256)]
        shifted = b"".join(sorted(known))[3:]  # what begins in the midst of one name and ends in the next
        others += [shifted[at : at + length] for at in range(0, len(shifted) - length, length)]
        assert not any(one in found for one in others if one not in known)
    finally:
        found.close()


def test_an_index_of_the_old_kind_is_refused(tmp_path: Path) -> None:
    path, _ = packed(tmp_path, "sha1", 1)
    with pytest.raises(ValueError, match="no index of version 2"):
        PackNames(path, 20)
