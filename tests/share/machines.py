"""Machines that share a folder by a real NFS, on a machine whose own kernel may know none.

The server is nfs-ganesha, on loopback. Each machine is a User-Mode Linux: a kernel as a process, which takes this
machine's files for its own and reaches the server through slirp. All of it is Debian's, and starts in seconds.
"""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.support import uml
from tests.support.uml import CODE, PATH, wait_for

PROGRAMS = ("ganesha.nfsd", "slirp-fullbolt", "mount.nfs4", "ip")

SHARE = "/mnt/share"
"""Where each machine has the folder."""

SERVER = """
NFS_CORE_PARAM {{ NFS_Protocols = 4; Protocols = 4; NFS_Port = {port}; Enable_NLM = false; Enable_RQUOTA = false;
  Bind_addr = 127.0.0.1; }}
NFSV4 {{ Grace_Period = 5; Graceless = true; Lease_Lifetime = 10; Delegations = true; RecoveryBackend = fs;
  RecoveryRoot = {folder}/recovery; }}
EXPORT {{ Export_Id = 1; Path = {folder}/served; Pseudo = /share; Access_Type = RW; Squash = No_Root_Squash;
  SecType = sys; Protocols = 4; Transports = TCP; Delegations = RW; FSAL {{ Name = VFS; }} }}
"""

MOUNT = "mount -t nfs4 -o vers=4.2,port={port},proto=tcp,timeo=50,retrans=2 10.0.2.2:/share " + SHARE

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

INIT = f"""#!/bin/sh
export PATH={PATH}:{{folder}}
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run; mount -t tmpfs mnt /mnt
mount -t tmpfs shm /dev/shm; mkdir -p {SHARE} /run/user
ip link set lo up; ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ip route add default via 10.0.2.2
hostname {{name}}; modprobe -d {{folder}} nfsv4
export {" ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())}
echo {{machine}} > /run/machine-id; mount --bind /run/machine-id /etc/machine-id
{{mount}}
"""


def why_not() -> str | None:
    """Why there can be no machines here; None where there can."""
    if os.geteuid():
        return "only root can have a server of NFS"
    return uml.why_not(PROGRAMS)


class Machine(uml.Machine):
    """A machine that has the share mounted; `served` is the folder of it, as the server has it."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]", port: int) -> None:
        super().__init__(folder, process)
        self.mount = MOUNT.format(port=port)
        self.served = folder.parent / "served"

    @contextmanager
    def daemon(self, *said: str, ready: str) -> Iterator[None]:
        """Its daemon, which has begun once `takes status` says that."""
        self.run(f"takes daemon {' '.join(said)} > /run/daemon.log 2>&1 & echo $! > /run/daemon.pid")
        status = f"takes status --project {said[-1]} --json || true"
        try:
            wait_for(lambda: ready in self.run(status))
            yield
        finally:
            print(self.run("cat /run/daemon.log"))  # noqa: T201 - what a test that has failed shows
            self.run("pid=$(cat /run/daemon.pid); kill $pid; while [ -e /proc/$pid ]; do sleep 0.1; done")

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Have it reach nobody meanwhile, and nobody reach it: what its network goes through stands still."""
        pid = self._slirp()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _slirp(self) -> int:
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # one that has ended meanwhile
                pid, _, rest = path.read_text().partition(" (slirp-fullbolt) ")
                if rest and int(rest.split()[2]) == self._process.pid:
                    return int(pid)
        raise AssertionError("its network goes through nothing")


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
    machine = name.encode().hex().ljust(32, "0")
    init = INIT.format(folder=folder, name=name, machine=machine, mount=MOUNT.format(port=port))
    net = f"eth0=slirp,,{shutil.which('slirp-fullbolt')}"
    programs = {"init": init + uml.OBEY.format(folder=folder)}
    with uml.started(folder, name, programs, "rw", "mem=600M", net) as process:
        started = Machine(folder, process, port)
        try:
            yield started
        finally:
            started.turn_off()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
