"""The units: systemd itself reads them, finds the program under any name, and says how well the service is shut in."""

import json
import plistlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.cli.service.scope import of_user
from daemon.cli.service.units import NotWritable, agent, command_line, program, quoted, template_of, written
from tests.left_out import leave_out
from tests.support.film import environment
from tests.support.inside import surroundings

EXPOSURE = 1.5
"""Of 10, by systemd's own measure: what a service that was taken over could do."""


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path) -> Iterator[None]:
    with surroundings(environment(tmp_path)):
        (tmp_path / "run").mkdir()
        yield


def units(folder: Path, *command: str) -> Path:
    """The units of a user as they are written, for that program."""
    values = {
        **of_user().values,
        "NAME": "takes",
        "COMMAND": command_line(command),
        "ENVIRONMENT": f"Environment={quoted('TAKES_CONFIG=/a b/%h.toml')}",
    }
    for name in ("takes.service", "takes.socket"):
        (folder / name).write_text(written(name, values))
    return folder / "takes.service"


def analyzed(verb: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    if not shutil.which("systemd-analyze"):
        leave_out("systemd-analyze is missing: install systemd")
    command = ["systemd-analyze", "--user", verb, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    checked = analyzed("verify", units(tmp_path, "/bin/true"))
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["plain", "with space", "100%", "%h", "$HOME", "é", "a;b", "[x]*?", "#"])
def test_systemd_finds_the_program_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "programs" / name
    folder.mkdir(parents=True)
    shutil.copy("/bin/true", folder / "takes")
    unit = units(tmp_path, str(folder / "takes"))
    assert analyzed("verify", unit).returncode == 0
    (folder / "takes").unlink()  # it was this one, and not some other
    gone = analyzed("verify", unit)
    assert gone.returncode == 1
    assert f"Command {folder / 'takes'} is not executable" in gone.stderr


@pytest.mark.parametrize("name", ['a"b', "a'b", "a\\b"])
def test_a_program_that_systemd_would_not_start_is_refused(name: str) -> None:
    with pytest.raises(NotWritable, match="systemd starts no program with quotes in its path"):
        command_line([f"/opt/{name}/takes"])


@pytest.mark.parametrize("path", ["/a\nExecStart=/bin/sh", "/a\x7f", "/a\udcff"])
def test_a_path_that_would_be_another_line_or_no_text_is_refused(path: str) -> None:
    with pytest.raises(NotWritable):
        quoted(path)


def test_the_exposure_is_small(tmp_path: Path) -> None:
    unit = units(tmp_path, "/bin/true")
    found = analyzed("security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", unit)
    assert found.returncode == 0, found.stdout
    weak = analyzed("security", "--offline=true", "--json=short", unit)
    open_still = {one["name"] for one in json.loads(weak.stdout) if float(one["exposure"] or 0)}
    assert open_still <= {
        "RootDirectory=/RootImage=",
        "User=/DynamicUser=",  # it is the user's own manager that runs it
        "SystemCallFilter=~@resources",  # setpriority
        "RestrictAddressFamilies=~AF_UNIX",
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        "PrivateNetwork=",
        "IPAddressDeny=",
        "ProtectHome=",
        "DeviceAllow=",
        "UMask=",
        "ProcSubset=",
    }


def test_every_line_has_its_reason() -> None:
    """A comment stands above it, and above few others."""
    settings = (
        template_of("systemd", "takes.service")
        .read_text()
        .partition("[Service]\n")[2]
        .partition("\n[Install]")[0]
    )
    before, *groups = re.split(r"(?:^#.*\n)+", settings, flags=re.MULTILINE)
    assert not before
    assert not [group for group in groups if not 0 < len(group.split()) <= 8]


def test_a_line_that_has_nothing_to_say_is_left_out(tmp_path: Path) -> None:
    units(tmp_path, "/bin/true")
    assert "SocketUser" not in (tmp_path / "takes.socket").read_text()
    assert "@" not in (tmp_path / "takes.socket").read_text()


def test_without_a_command_of_its_own_the_service_runs_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["-c"])
    done = subprocess.run([*program(), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("takes ")


def test_the_command_that_runs_now_is_the_one_that_the_service_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "takes"  # as pipx has it; an upgrade leaves it where it is
    link.symlink_to("/bin/true")
    monkeypatch.setattr("sys.argv", [str(link)])
    assert program() == [str(link)]


def test_the_agent_of_a_mac_is_one_that_starts_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["-c"])
    told = plistlib.loads(agent(tmp_path / "Library & Logs" / "takes.log"))
    assert told["ProgramArguments"] == [*program(), "daemon"]
    assert told["StandardErrorPath"] == str(tmp_path / "Library & Logs" / "takes.log")
    assert told["EnvironmentVariables"]["TAKES_CONFIG"] == str(tmp_path / "config.toml")
    assert (told["Label"], told["RunAtLoad"]) == ("local.takes", True)
