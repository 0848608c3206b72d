"""Machines that share a folder by a real NFS, on a machine whose own kernel may know none.

The server is nfs-ganesha, on loopback. Each machine is a User-Mode Linux: a kernel as a process, which takes this
machine's files for its own and reaches the server through slirp. All of it is Debian's, and starts in seconds.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PROGRAMS = ("linux.uml", "ganesha.nfsd", "slirp-fullbolt", "mount.nfs4", "modprobe", "ip")
MODULES = Path("/usr/lib/uml/modules")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

SHARE = "/mnt/share"
"""Where each machine has the folder."""

DEADLINE = 120.0
"""Seconds for what takes a few."""

SERVER = """
NFS_CORE_PARAM {{ NFS_Protocols = 4; Protocols = 4; NFS_Port = {port}; Enable_NLM = false; Enable_RQUOTA = false;
  Bind_addr = 127.0.0.1; }}
NFSV4 {{ Grace_Period = 5; Graceless = true; Lease_Lifetime = 10; Delegations = true; RecoveryBackend = fs;
  RecoveryRoot = {folder}/recovery; }}
EXPORT {{ Export_Id = 1; Path = {folder}/served; Pseudo = /share; Access_Type = RW; Squash = No_Root_Squash;
  SecType = sys; Protocols = 4; Transports = TCP; Delegations = RW; FSAL {{ Name = VFS; }} }}
"""

MOUNT = "mount -t nfs4 -o vers=4.2,port={port},proto=tcp,timeo=50,retrans=2 10.0.2.2:/share " + SHARE

CODE = Path(__file__).parents[2]

ENVIRONMENT = {
    "HOME": "/run",
    "PYTHONPATH": CODE,
    "PYTHONDONTWRITEBYTECODE": 1,
    "TAKES_CONFIG": "/run/config.toml",
    "TAKES_PORT": "off",
    "XDG_RUNTIME_DIR": "/run/user",
    "XDG_STATE_HOME": "/run/state",
}
"""What `takes` finds on a machine: nothing of anybody's, and a state on a disk of its own."""

TAKES = f"""#!/bin/sh
exec {shlex.quote(sys.executable)} -c "import sys; from daemon.cli.main import main; sys.exit(main())" "$@"
"""

INIT = f"""#!/bin/sh
export PATH={PATH}:{{folder}}
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run; mount -t tmpfs mnt /mnt
mount -t tmpfs shm /dev/shm; mkdir -p {SHARE} /run/user
ip link set lo up; ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
hostname {{name}}; modprobe -d {{folder}} nfsv4
export {" ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())}
echo {{machine}} > /run/machine-id; mount --bind /run/machine-id /etc/machine-id
{{mount}}
number=1
while [ ! -e {{folder}}/off ]; do
  if [ -e {{folder}}/$number.sh ]; then
    ( . {{folder}}/$number.sh ) > {{folder}}/$number.out 2>&1; echo $? > {{folder}}/$number.part
    mv {{folder}}/$number.part {{folder}}/$number.code; number=$((number + 1))
  else sleep 0.05; fi
done
echo o > /proc/sysrq-trigger; sleep 60
"""


def why_not() -> str | None:
    """Why there can be no machines here; None where there can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if os.geteuid():
        return "only root can have a server of NFS"
    return f"these programs are missing: {', '.join(missing)}" if missing else None


class Machine:
    """A machine that has the share mounted; what it is told to do, it does one after the other."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int) -> None:
        self.mount = MOUNT.format(port=port)
        self._folder = folder
        self._process = process
        self._numbers = count(1)

    def run(self, script: str, *, fails: bool = False) -> str:
        """What that script of the shell says, once it has ended, with 0 unless it `fails`; it knows `takes`."""
        number = next(self._numbers)
        part = self._folder / f"{number}.part"
        part.write_text(script)
        part.rename(self._folder / f"{number}.sh")
        wait_for(lambda: (self._folder / f"{number}.code").exists() or self._process.poll() is not None)
        said = (self._folder / f"{number}.out").read_text(errors="replace")
        code = (self._folder / f"{number}.code").read_text().strip()
        assert (code != "0") == fails, f"{script}\nended with {code}:\n{said}"
        return said

    def turn_off(self) -> None:
        """Have it halt, and end it where it does not."""
        (self._folder / "off").touch()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def machines(folder: Path, *names: str) -> Iterator[list[Machine]]:
    """So many machines with a share that is empty; `folder` holds whatever they need."""
    with ExitStack() as stack:
        port = stack.enter_context(_server(folder))
        started = [stack.enter_context(_machine(folder / name, name, port)) for name in names]
        for one in started:
            one.run(f"mountpoint {SHARE}")
        yield started


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    (folder / "served").mkdir()
    (folder / "recovery").mkdir()
    (folder / "server.conf").write_text(SERVER.format(folder=folder, port=port))
    files = ("-f", folder / "server.conf", "-L", folder / "server.log", "-p", folder / "server.pid")
    process = subprocess.Popen(["ganesha.nfsd", "-F", *files], start_new_session=True)
    try:
        wait_for(lambda: _answers(port) or process.poll() is not None)
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def _machine(folder: Path, name: str, port: int) -> Iterator[Machine]:
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "modules").symlink_to(MODULES)
    init = folder / "init"
    machine = name.encode().hex().ljust(32, "0")
    init.write_text(INIT.format(folder=folder, name=name, machine=machine, mount=MOUNT.format(port=port)))
    (folder / "takes").write_text(TAKES)
    for program in (init, folder / "takes"):
        program.chmod(0o700)
    disk = ("rootfstype=hostfs", "rootflags=/", "rw", f"init={init}")
    net = f"eth0=slirp,,{shutil.which('slirp-fullbolt')}"
    console = ("con=null", "con0=null,fd:1")
    with (folder / "console").open("wb") as out:
        process = subprocess.Popen(
            ["linux.uml", "mem=600M", *disk, net, f"umlname={name}-{os.getpid()}", *console],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    started = Machine(folder, process, port)
    try:
        yield started
    finally:
        started.turn_off()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_for(fact: Callable[[], T], at_most: float = DEADLINE, pause: float = 0.05) -> T:
    """What that answers, once it is something."""
    until = time.monotonic() + at_most
    while not (found := fact()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(pause)
    return found
