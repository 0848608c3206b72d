"""A machine that Debian's own systemd has started, with a user who has a session of his own where that is wished.

A User-Mode Linux has this machine's files below an overlay: it sees all of them, and changes none.
"""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import uml
from tests.support.uml import CODE, PATH, wait_for

PROGRAMS = ("loginctl", "dbus-daemon", "useradd", "runuser", "switch_root")
SYSTEMD = Path("/lib/systemd/systemd")
SESSIONS = "pam_systemd.so"

USER, HOME = "anna", "/home/anna"
RUNTIME = "/run/user/2000"

INIT = f"""#!/bin/sh
export PATH={PATH}
mount -t proc proc /proc; modprobe -d {{folder}} overlay
mount -t tmpfs -o mode=755 over /mnt; mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work over /mnt/root
umount /proc; cd /mnt/root
mount -t hostfs -o {{folder}} none .{{folder}}; mount -t tmpfs home home
rm -f .dockerenv etc/machine-id; echo 0123456789abcdef0123456789abcdef > etc/machine-id; : > etc/fstab
mkdir -p etc/tmpfiles.d; : > etc/tmpfiles.d/tmp.conf
for folder in {{folders}}; do chmod o+rx .$folder; done
chroot . useradd --uid 2000 --create-home --shell /bin/sh {USER}
rm -rf var/lib/systemd/linger etc/systemd/system/*.wants
cat > etc/systemd/system/test.target <<END
[Unit]
Requires=basic.target test.service dbus.socket systemd-logind.service
After=basic.target
AllowIsolate=yes
END
cat > etc/systemd/system/test.service <<END
[Unit]
After=systemd-logind.service dbus.service
[Service]
ExecStart=/bin/sh {{folder}}/obey
OOMScoreAdjust=-900
END
ln -s /dev/null etc/systemd/system/timers.target
exec switch_root . {SYSTEMD} --unit=test.target
"""

OBEY = f"""#!/bin/sh
export PATH={PATH}:{{folder}}
"""

AS_USER = f"""#!/bin/sh
exec runuser --user {USER} -- env --ignore-environment HOME={HOME} USER={USER} LANG=C.UTF-8 PATH={{bin}}:{PATH} \\
  PYTHONDONTWRITEBYTECODE=1 XDG_RUNTIME_DIR={RUNTIME} sh -c "cd; $1"
"""


def why_not() -> str | None:
    """Why there can be no such machine here; None where there can."""
    if os.geteuid():
        return "only root can give a machine users of its own"
    if not SYSTEMD.exists() or not list(Path("/lib").glob(f"*-linux-gnu/security/{SESSIONS}")):
        return "systemd is missing, or how it hears of sessions: install systemd, dbus-user-session and libpam-systemd"
    return uml.why_not(PROGRAMS)


class Machine(uml.Machine):
    """That machine."""

    def as_user(self, script: str, *, fails: bool = False) -> str:
        """The same, done by the user, from home."""
        return self.run(f"as-user {shlex.quote(script)}", fails=fails)


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine that has started; `folder` holds whatever it needs."""
    closed = {
        path for each in (CODE, sys.prefix, sys.base_prefix) for path in (Path(each), *Path(each).parents)
    }
    folders = " ".join(shlex.quote(str(path)) for path in sorted(closed) if path != Path("/"))
    programs = {
        "init": INIT.format(folder=folder, folders=folders),
        "obey": OBEY.format(folder=folder) + uml.OBEY.format(folder=folder),
        "as-user": AS_USER.format(bin=Path(sys.executable).parent),
    }
    with uml.started(folder, "service", programs, "ro", "mem=900M") as process:
        started = Machine(folder, process)
        try:
            started.run("true")
            yield started
        finally:
            started.turn_off()


__all__ = ["HOME", "RUNTIME", "USER", "Machine", "machine", "wait_for", "why_not"]
