"""A Slurm of the tests' own: its controller, one node and munge, in a temporary folder and on the loopback only.

Where the machine has no Slurm, such a test is left out, and that is said.
"""

import atexit
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.left_out import leave_out
from tests.support.deadline import DEADLINE

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")

MISSING = "a cluster: Slurm is not installed (on Debian: apt-get install slurmctld slurmd slurm-client munge)"

CONFIG = """
ClusterName=takes
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
KillWait=1
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4
PartitionName=farm Nodes=node Default=YES
"""


class Cluster:
    """A cluster whose controller can be stopped and started again; `config` is the file by which its programs find it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))  # a socket's path is short
        self.config = self.folder / "slurm.conf"
        for name in ("state", "spool"):
            self.folder.joinpath(name).mkdir()
        key = self.folder / "key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        self.folder.chmod(0o755)
        self.config.write_text(
            CONFIG.format(
                host=socket.gethostname(), ports=_free_ports(2), user=getpass.getuser(), folder=self.folder
            )
        )
        self._others: list[subprocess.Popen[bytes]] = []
        self._controller: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have its node wait for jobs."""
        named = {"key-file": "key", "socket": "munge", "pid-file": "munge.pid", "log-file": "munge.log"}
        files = [f"--{name}={self.folder / path}" for name, path in (named | {"seed-file": "seed"}).items()]
        self._others.append(self._run("munged", "--foreground", "--force", *files))
        _until((self.folder / "munge").exists, self._log)
        self.start_controller()
        self._others.append(self._run("slurmd", "-D", "-N", "node", "-f", str(self.config)))
        _until(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%T"), self._log)

    def start_controller(self) -> None:
        self._controller = self._run("slurmctld", "-D", "-f", str(self.config))

    def stop_controller(self) -> None:
        """As after a crash: what runs on the node goes on."""
        if self._controller:
            self._controller.kill()
            self._controller.wait()

    def end(self) -> None:
        """Stop it for good."""
        self.ask("scancel", f"--user={getpass.getuser()}")
        self.stop_controller()
        for one in reversed(self._others):
            one.terminate()
            one.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, *command: str) -> str:
        """What one of its programs says."""
        env = {**os.environ, "SLURM_CONF": str(self.config)}
        return subprocess.run(command, capture_output=True, text=True, env=env, check=False).stdout

    def jobs(self) -> list[str]:
        """How each job is that there was, in order."""
        lines = self.ask("squeue", "--noheader", "--states=all", "--format=%A|%T").splitlines()
        found = [line.strip().partition("|") for line in lines]
        return [state for _, _, state in sorted(found, key=lambda one: int(one[0]))]

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with self.folder.joinpath("log").open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _log(self) -> str:
        return self.folder.joinpath("log").read_text(errors="replace")


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _until(fact: Callable[[], bool], log: Callable[[], str]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline, log()
        time.sleep(0.05)


@cache
def cluster() -> Cluster:
    """The cluster of this process, which runs until that ends."""
    where = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
    if not all(shutil.which(one, path=where) for one in PROGRAMS):
        leave_out(MISSING)
    made = Cluster()
    atexit.register(made.end)
    made.start()
    return made
