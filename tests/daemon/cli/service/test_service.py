"""The service's commands where no manager answers, and on a Mac, of which a script plays the part."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon import locations
from daemon.cli.main import main
from daemon.cli.service.launchd import Launchd
from daemon.cli.service.manager import DaemonInTheWay, NoManager, NotInstalled, refuse_where_daemon_runs
from daemon.cli.service.writable import writable
from daemon.home.init import init_project
from tests.daemon.supervision.manager import listening, short_folder
from tests.support.film import Film, environment
from tests.support.inside import surroundings

LAUNCHCTL = """#!/bin/sh
echo "$@" >> "$HOME/told"
case "$1 $2" in
  "print gui/"*/*) [ -e "$HOME/loaded" ] && printf 'x = {\\n\\tstate = running\\n\\tpid = 77\\n}\\n';;
  "bootstrap gui/"*) touch "$HOME/loaded";;
  "bootout gui/"*) rm "$HOME/loaded";;
esac
"""


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path) -> Iterator[None]:
    with surroundings(environment(tmp_path, PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")):
        (tmp_path / "bin").mkdir()
        yield


def on_mac(folder: Path) -> Launchd:
    program = folder / "bin" / "launchctl"
    program.write_text(LAUNCHCTL)
    program.chmod(0o755)
    return Launchd()


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_an_agent_is_installed_asked_and_removed_without_a_trace(tmp_path: Path) -> None:
    mac = on_mac(tmp_path)
    before = files(tmp_path)
    assert mac.status().state == "not installed"
    report = mac.install()
    plist = tmp_path / "Library/LaunchAgents/local.takes.plist"
    assert report.done[0] == f"Wrote {plist}."
    assert f"bootstrap gui/{os.getuid()} {plist}" in (tmp_path / "told").read_text()
    found = mac.status()
    assert (found.running, found.state, found.pid) == (True, "running", 77)
    (tmp_path / "Library/Logs/takes.log").write_text("it said this\n")
    assert mac.logs(10, follow=False) == 0
    mac.uninstall()
    assert files(tmp_path) - {"told"} == before
    with pytest.raises(NotInstalled):
        mac.uninstall()


def test_a_mac_without_a_session_says_where_to_try_again(tmp_path: Path) -> None:
    with pytest.raises(NoManager, match="no session"):
        Launchd().install()
    assert not (tmp_path / "Library").exists()


def test_where_no_manager_answers_nothing_is_written_and_the_way_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2; exit 1\n")
    (tmp_path / "bin" / "systemctl").chmod(0o755)
    before = files(tmp_path)
    assert main(["service", "install"]) == 1
    told = capsys.readouterr().err
    assert "the service manager does not answer: Failed to connect to bus" in told
    assert "sudo loginctl enable-linger" in told
    assert files(tmp_path) == before


def test_a_system_without_systemd_is_told_what_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with surroundings({**os.environ, "PATH": str(tmp_path / "bin")}):
        assert main(["service", "install"]) == 1
    assert "run `takes daemon`" in capsys.readouterr().err


def test_what_is_not_installed_has_no_status_no_logs_and_cannot_be_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["service", "status", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["installed"] is False
    for verb in ("logs", "uninstall"):
        assert main(["service", verb]) == 1
        assert "Install it with `takes service install`" in capsys.readouterr().err


def test_an_unknown_user_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install", "--user", "nobody-of-that-name"]) == 1
    assert "there is no user 'nobody-of-that-name' here" in capsys.readouterr().err


def test_a_daemon_that_was_started_by_hand_is_not_pushed_aside() -> None:
    with short_folder() as folder, surroundings({**os.environ, "XDG_RUNTIME_DIR": str(folder)}):
        refuse_where_daemon_runs()
        path = Path(locations.socket_path())
        path.parent.mkdir(mode=0o700)
        with listening(path), pytest.raises(DaemonInTheWay):
            refuse_where_daemon_runs()
        assert path.is_socket()
        refuse_where_daemon_runs()  # what is left behind is in nobody's way


def test_the_service_may_write_in_its_films_and_in_what_belongs_to_them(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "repository", check=True)
    inner, alone = Film(tmp_path / "repository"), Film(tmp_path, "Alone")
    elsewhere = tmp_path / "fast disk"
    elsewhere.mkdir()
    for film in (inner, alone):
        init_project(film.root)
        locations.register_project(str(film.root))
    (alone.root / ".takes").rename(elsewhere / "takes")
    (alone.root / ".takes").symlink_to(elsewhere / "takes")
    assert writable() == sorted(
        str(path)
        for path in (
            inner.root,
            tmp_path / "repository" / ".git",
            alone.root,
            elsewhere / "takes",
            tmp_path / "state" / "takes",
        )
    )


def test_a_worktree_of_git_has_two_folders_that_are_written_in(tmp_path: Path) -> None:
    main_tree, linked = tmp_path / "main", tmp_path / "linked"
    main_tree.mkdir()
    git = ["git", "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], cwd=main_tree, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "begin"], cwd=main_tree, check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(linked)], cwd=main_tree, check=True)
    film = Film(linked)
    locations.register_project(str(film.root))
    assert str(main_tree / ".git") in writable()  # and the worktree's own lies in it
