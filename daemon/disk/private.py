"""Private folders: what is in them is for their owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path

OWNERS = 0o700


def make_private(folder: Path) -> None:
    """Have the folder there, and be its owner's alone, whatever the umask says."""
    folder.mkdir(mode=OWNERS, parents=True, exist_ok=True)
    keep_private(folder)


def keep_private(folder: Path) -> None:
    """Let nobody but its owner into the folder, where it is ours and its disk knows modes."""
    found = folder.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o777 != OWNERS:
        with suppress(OSError):
            folder.chmod(stat.S_IMODE(found.st_mode) & ~0o777 | OWNERS)
