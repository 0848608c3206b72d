"""The service under a real systemd, from its installation to its removal. Run by `make service`."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.machine import HOME, RUNTIME, USER, Machine, machine, wait_for, why_not
from tests.support.film import still

pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
    pytest.mark.timeout(600),
]

FILM = f"""{HOME}/My "Film" 100% $HOME it's é"""
"""A name in which nearly everything means something to systemd."""

SHOT = "001_Dawn"
UNITS = f"{HOME}/.config/systemd/user"
SERVICE = f"{UNITS}/takes.service"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with a user who has made a film a project, and is not logged in."""
    with machine(tmp_path_factory.mktemp("service") / "studio") as started:
        make_film(started, FILM)
        yield started


@pytest.fixture(scope="module")
def lingering(studio: Machine) -> Machine:
    """The same, whose user's manager runs all the time."""
    studio.run(f"loginctl enable-linger {USER}; while [ ! -e {RUNTIME}/bus ]; do sleep 0.1; done")
    return studio


@pytest.fixture
def installed(lingering: Machine) -> Iterator[Machine]:
    """The same, where the service is installed."""
    lingering.as_user("takes service install")
    yield lingering
    lingering.as_user(
        "journalctl --quiet --user-unit takes.service --lines 100 --output cat || true; takes service uninstall"
    )


def make_film(studio: Machine, root: str) -> str:
    takes = shlex.quote(f"{root}/{SHOT}/takes")
    return studio.as_user(f"mkdir -p {takes} && takes init {shlex.quote(root)}")


def status(studio: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(studio.as_user("takes service status --json || true"))
    return found


def drop(studio: Machine, root: str, number: int, tmp_path: Path) -> None:
    """Have the user save a picture in the shot, as a program does that writes it elsewhere first."""
    part = f"{root}/{SHOT}/.part"
    (tmp_path / "content").write_bytes(still(number))
    script = (tmp_path / "content").read_bytes().hex()
    studio.run(
        f"printf %s {script} | xxd -r -p > {shlex.quote(part)} && chown {USER}: {shlex.quote(part)} && "
        f"mv {shlex.quote(part)} {shlex.quote(f'{root}/{SHOT}/takes/render.png')}"
    )


def takes(studio: Machine, root: str) -> list[dict[str, Any]]:
    """The takes of the shot in that film; asking starts the daemon where it does not run."""
    said = studio.as_user(f"takes ls {SHOT} --project {shlex.quote(root)} --json")
    found: list[dict[str, Any]] = json.loads(said)["takes"]
    return found


def complete(studio: Machine, root: str, count: int) -> list[dict[str, Any]]:
    """Those takes, once so many are complete."""

    def enough() -> list[dict[str, Any]]:
        found = takes(studio, root)
        return found if [one["status"] for one in found] == ["complete"] * count else []

    return wait_for(enough, pause=0.5)


def test_who_has_no_manager_is_told_how_to_get_one_and_nothing_is_written(studio: Machine) -> None:
    said = studio.as_user("takes service install", fails=True)
    assert "the service manager does not answer" in said
    assert f"sudo loginctl enable-linger {USER}" in said
    studio.run(f"[ ! -e {HOME}/.config ]")


def test_a_service_is_installed_keeps_a_film_and_leaves_nothing_behind(
    lingering: Machine, tmp_path: Path
) -> None:
    before = lingering.as_user(f"find {HOME} {RUNTIME} -not -path '*/systemd/*' | sort")
    said = lingering.as_user("takes service install")
    assert f"Wrote {SERVICE}." in said
    assert "Enabled takes.socket and takes.service." in said
    assert "Started it: Keeps 1 film." in said
    assert "enable-linger" not in said  # he lingers already
    found = status(lingering)
    assert (found["state"], found["says"], found["atLogin"]) == ("active (running)", "Keeps 1 film.", True)
    assert found["withoutLogin"] is True
    drop(lingering, FILM, 1, tmp_path)
    complete(lingering, FILM, 1)  # looked into by decoders, and kept, inside of all that shuts the service in
    picture = shlex.quote(f"{FILM}/{SHOT}/takes/take_001/shot_001_take_001_thumbnail.png")
    lingering.run(f"while [ ! -s {picture} ]; do sleep 0.1; done")
    assert "take finished" in lingering.as_user("takes service logs")
    lingering.as_user(f"touch {HOME}/before")
    assert "Removed" in lingering.as_user("takes service uninstall")
    after = lingering.as_user(f"rm {HOME}/before; find {HOME} {RUNTIME} -not -path '*/systemd/*' | sort")
    own = (FILM, f"{HOME}/.local/state/takes")
    assert [one for one in after.splitlines() if not one.startswith(own)] == [
        one for one in before.splitlines() if not one.startswith(own)
    ]
    lingering.as_user("systemctl --user cat takes.service", fails=True)
    assert lingering.as_user("systemctl --user --failed --quiet") == ""


def test_it_writes_nowhere_but_in_its_films(installed: Machine) -> None:
    pid = status(installed)["pid"]
    inside = f"nsenter --target {pid} --user --preserve-credentials --mount sh -c"
    films = shlex.quote(f"touch {shlex.quote(FILM)}/x && rm {shlex.quote(FILM)}/x")
    installed.as_user(f"{inside} {films}")
    for place in (HOME, "/etc", "/usr"):
        said = installed.as_user(f"{inside} 'touch {place}/x'", fails=True)
        assert "Read-only file system" in said
    shut_in = installed.run(f"cat /proc/{pid}/status")
    assert "NoNewPrivs:\t1" in shut_in
    assert "Seccomp:\t2" in shut_in
    assert "CapEff:\t0000000000000000" in shut_in


def test_a_stopped_service_is_started_by_whoever_asks(installed: Machine) -> None:
    installed.as_user("systemctl --user stop takes.service")
    assert status(installed)["running"] is False
    takes(installed, FILM)
    assert status(installed)["running"] is True


def test_a_daemon_that_hangs_is_started_anew_by_the_watchdog(installed: Machine) -> None:
    installed.as_user(
        f"printf '[Service]\\nWatchdogSec=12\\n' > {SERVICE}.d/test.conf; systemctl --user daemon-reload; "
        "systemctl --user restart takes.service"
    )
    first = status(installed)
    installed.as_user("sleep 30")
    assert (status(installed)["pid"], status(installed)["restarts"]) == (
        first["pid"],
        0,
    )  # it lives, and says so
    installed.run(f"kill -STOP {first['pid']}")

    def again() -> dict[str, Any]:
        found = status(installed)
        return found if found["running"] and found["pid"] != first["pid"] else {}

    assert wait_for(again, pause=1.0)["restarts"] == 1
    assert "Watchdog timeout" in installed.as_user(
        "journalctl --quiet --user-unit takes.service --output cat"
    )
    takes(installed, FILM)
    installed.as_user("takes service uninstall")  # what a person has added there is left
    installed.as_user(f"[ -e {SERVICE}.d/test.conf ] && rm -r {SERVICE}.d && takes service install")


def test_a_film_that_comes_later_is_the_services_too(installed: Machine, tmp_path: Path) -> None:
    make_film(installed, f"{HOME}/Later")
    assert status(installed)["says"] == "Keeps 2 films."
    drop(installed, f"{HOME}/Later", 2, tmp_path)
    complete(installed, f"{HOME}/Later", 1)


def test_a_daemon_that_was_started_by_hand_is_left_alone(lingering: Machine) -> None:
    film = shlex.quote(FILM)
    lingering.as_user(f"takes daemon {film} > daemon.log 2>&1 & echo $! > daemon.pid")
    lingering.as_user(f"while ! takes status --project {film} > /dev/null 2>&1; do sleep 0.5; done")
    said = lingering.as_user("takes service install", fails=True)
    assert "a daemon that was started by hand is running" in said
    lingering.as_user(f"[ ! -e {SERVICE} ]")
    lingering.as_user(
        "pid=$(cat daemon.pid); kill $pid; while [ -e /proc/$pid ]; do sleep 0.1; done; rm daemon.*"
    )


def test_a_service_of_the_machine_is_installed_and_removed_by_root(lingering: Machine) -> None:
    said = lingering.run(f"takes service install --user {USER}")
    assert "Started it: Keeps" in said
    socket = f"/run/takes/{USER}/takes.sock"
    assert f"TAKES_SOCKET={socket}" in said
    assert lingering.run(f"stat -c '%U %a' {socket}").strip() == f"{USER} 600"
    ask = f"TAKES_SOCKET={socket} takes ls --project {shlex.quote(FILM)}"
    assert SHOT in lingering.as_user(ask)
    assert lingering.run(f"systemctl show takes@{USER} --property=User --value").strip() == USER
    lingering.run(f"systemctl stop takes@{USER}.service")
    assert SHOT in lingering.as_user(ask)
    said = make_film(lingering, f"{HOME}/New")
    assert f"sudo takes service install --user {USER}" in said
    lingering.run(f"takes service uninstall --user {USER}")
    assert lingering.run("find /etc/systemd/system /run -name 'takes*' -not -path '/run/user/*'") == ""
