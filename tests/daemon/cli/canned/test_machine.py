"""The commands about this machine: its films, its settings, what is wrong, and a folder that is made only when asked."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon import locations
from daemon.cli import client
from daemon.cli.machine import background, stop
from daemon.cli.main import main
from tests.daemon.cli.canned.answers import health
from tests.daemon.cli.canned.daemon import CannedDaemon
from tests.daemon.cli.canned.shell import Out, in_terminal, printed, refused
from tests.support.film import environment
from tests.support.inside import surroundings

NOWHERE = ("--socket", "/nowhere/takes.sock")


# A folder that does not exist.


def test_without_a_terminal_no_folder_is_made(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    code, complaint = refused(capsys, "init", str(tmp_path / "Flim"))
    assert code == 2
    assert f"{tmp_path / 'Flim'} does not exist" in complaint
    assert "--yes" in complaint
    assert not (tmp_path / "Flim").exists()
    assert not locations.registered_projects()


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 130), ("\n", 130)])
def test_a_person_is_asked_whether_a_folder_is_to_be_made(
    daemon: CannedDaemon, tmp_path: Path, typed: str, code: int
) -> None:
    said = in_terminal("init", str(tmp_path / "New"), *NOWHERE, typed=typed, code=code)
    assert "New does not exist. Make it?" in said.replace("\r\n", "")
    assert (tmp_path / "New" / ".takes").is_dir() == (code == 0)


def test_with_yes_nobody_is_asked(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    assert "is the project new" in printed(capsys, "init", "--yes", str(tmp_path / "New"), *NOWHERE)


def test_a_folder_that_is_there_needs_no_yes(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    (tmp_path / "New").mkdir()
    assert "is the project new" in printed(capsys, "init", str(tmp_path / "New"), *NOWHERE)


# Its films.


def test_the_films_are_those_that_are_served_and_those_that_are_only_registered(
    daemon: CannedDaemon, capsys: Out, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "Quiet").mkdir()
    for path in (tmp_path / "Gone", root, tmp_path / "Quiet"):
        locations.register_project(str(path))
    lines = [line.split() for line in printed(capsys, "projects").splitlines()]
    assert lines[0] == ["Films", "3", "films"]
    assert lines[2:] == [
        ["Gone", "away", str(tmp_path / "Gone")],
        ["film", "live", "1", "shot,", "2", "takes", str(root)],
        ["Quiet", "not", "served", str(tmp_path / "Quiet")],
    ]


def test_without_a_daemon_the_films_are_known_all_the_same(
    daemon: CannedDaemon, capsys: Out, root: Path
) -> None:
    locations.register_project(str(root))
    said = printed(capsys, "projects", *NOWHERE)
    assert "Film  not served" in said
    assert "no daemon is answering at /nowhere/takes.sock. `takes open` starts one." in said
    told = json.loads(printed(capsys, "projects", "--json", *NOWHERE))
    nothing = {"id": None, "name": "Film", "path": str(root), "state": None}
    assert told == {"projects": [{**nothing, "registered": True, "isThere": True}], "daemon": False}


def test_without_films_it_is_said_how_to_begin(daemon: CannedDaemon, capsys: Out) -> None:
    assert "takes init PATH" in printed(capsys, "projects", *NOWHERE)


@pytest.mark.parametrize("named", ["folder", "here", "id"])
def test_a_film_is_forgotten_by_its_folder_or_its_id(
    daemon: CannedDaemon, capsys: Out, root: Path, named: str
) -> None:
    locations.register_project(str(root))
    daemon.answers["DELETE /api/projects/film"] = {"id": "film", "path": str(root)}
    said = printed(capsys, "forget", {"folder": str(root), "here": ".", "id": "film"}[named])
    assert f"takes init {root}" in said
    assert daemon.questions[-1] == "DELETE /api/projects/film"
    assert not locations.registered_projects()


def test_a_film_whose_folder_is_gone_is_forgotten_without_a_daemon(
    daemon: CannedDaemon, capsys: Out, tmp_path: Path
) -> None:
    locations.register_project(str(tmp_path / "Gone"))
    printed(capsys, "forget", str(tmp_path / "Gone"), *NOWHERE)
    assert not locations.registered_projects()
    assert daemon.questions == []


def test_what_is_not_kept_cannot_be_forgotten(daemon: CannedDaemon, capsys: Out, root: Path) -> None:
    locations.register_project(str(root))
    code, complaint = refused(capsys, "forget", "other")
    assert code == 3
    assert "takes projects" in complaint
    assert locations.registered_projects() == [str(root)]


# The end of the daemon.


DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"


@pytest.fixture
def deaf() -> Iterator[int]:
    """A process that does not end because it is told to."""
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_a_daemon_that_does_not_stop_is_told_of(
    daemon: CannedDaemon, capsys: Out, deaf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop, "PATIENCE", 0.1)
    daemon.answers["GET /api/health"] = {**health(), "pid": deaf}
    code, complaint = refused(capsys, "stop")
    assert code == 4
    assert f"process {deaf}, was told to stop" in complaint
    assert f"kill -9 {deaf}" in complaint


def test_the_daemon_of_somebody_else_is_not_stopped(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever listens there could have named any process of ours."""
    monkeypatch.setattr(client, "peer_uid", lambda _: os.geteuid() + 1)
    victim = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    daemon.answers["GET /api/health"] = {**health(), "pid": victim.pid}
    code, complaint = refused(capsys, "stop")
    assert (code, victim.poll()) == (5, None)
    assert daemon.path in complaint
    victim.kill()
    victim.wait()


@pytest.mark.parametrize(("more", "is_kept"), [(0, False), (1, True)])
def test_a_log_that_has_grown_large_is_kept_beside_a_new_one(
    tmp_path: Path, more: int, *, is_kept: bool
) -> None:
    log = tmp_path / "daemon.log"
    background.put_aside(str(log))
    log.touch()
    os.truncate(log, background.LARGEST + more)
    background.put_aside(str(log))
    assert (log.exists(), (tmp_path / "daemon.log.1").exists()) == (not is_kept, is_kept)


# What is wrong.


def test_the_doctor_tells_without_a_daemon_what_is_wrong_with_it(tmp_path: Path, capsys: Out) -> None:
    with surroundings(environment(tmp_path)):
        (tmp_path / "config.toml").write_text("port = 70000\n")
        locations.register_project(str(tmp_path / "Gone"))
        assert main(["doctor", "--json", *NOWHERE]) == 4
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert [one["ok"] for one in found.values()] == [False, False, False]
    assert "(at line 1)" in found["configuration"]["what"]
    assert f"takes forget {tmp_path / 'Gone'}" in found["films"]["mend"]
    assert "no daemon is answering at /nowhere/takes.sock" in found["daemon"]["what"]
    assert "takes open" in found["daemon"]["mend"]


def test_the_doctor_tells_of_a_variable_that_was_mistyped(
    daemon: CannedDaemon, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.answers["GET /api/projects/film/doctor"] = {"ok": True, "checks": []}
    monkeypatch.setenv("TAKES_PROT", "off")
    monkeypatch.setenv("TAKES_PORT", "off")
    assert main(["doctor"]) == 4
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.startswith("✗")]
    assert wrong == ["✗ configuration: TAKES_PROT is in the environment, and there is no such setting"]


def test_the_doctor_tells_of_a_socket_that_was_left_behind(tmp_path: Path, capsys: Out) -> None:
    (tmp_path / "s").touch()
    with surroundings(environment(tmp_path)):
        (tmp_path / "config.toml").write_text("prot = 1\n")
        assert main(["doctor", "--socket", str(tmp_path / "s")]) == 4
    assert "A socket was left there by one that was killed" in capsys.readouterr().out


def test_the_doctor_looks_at_the_decoders_without_a_daemon(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "daemon", "doctor", "--json", *NOWHERE]
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    names = {one["name"]: one["ok"] for one in json.loads(done.stdout)["checks"]}
    assert done.returncode == 4
    assert names["FFmpeg"]
    assert set(names) == {"configuration", "films", "daemon", "FFmpeg", "decoders"}


def test_with_a_daemon_the_doctor_asks_it_of_the_film(daemon: CannedDaemon, capsys: Out) -> None:
    check = {"name": "git", "ok": True, "what": "2.47 is here", "mend": None}
    daemon.answers["GET /api/projects/film/doctor"] = {"ok": True, "checks": [check]}
    out = printed(capsys, "doctor")
    assert f"✓ daemon: 0.1.0, process 4711, answers at {daemon.path}" in out
    assert "✓ gallery: the daemon serves none" in out
    assert "✓ git: 2.47 is here" in out


def test_a_daemon_without_films_is_well(daemon: CannedDaemon, capsys: Out, tmp_path: Path) -> None:
    daemon.answers["GET /api/projects"] = {"projects": []}
    assert "✓ film: none yet" in printed(capsys, "doctor")


def test_the_doctor_tells_that_the_key_of_the_gallery_is_gone(
    daemon: CannedDaemon, capsys: Out, tmp_path: Path
) -> None:
    gallery = {"port": 1, "tokenFile": str(tmp_path / "token")}
    daemon.answers["GET /api/health"] = {**health(), "gallery": gallery}
    daemon.answers["GET /api/projects/film/doctor"] = {"ok": True, "checks": []}
    assert main(["doctor"]) == 4
    assert f"its key, {tmp_path / 'token'}, is gone" in capsys.readouterr().out


def test_who_wants_to_open_one_film_is_told_that_all_are_there_and_how_one_more_comes(capsys: Out) -> None:
    code, complaint = refused(capsys, "open", "My Film")
    assert code == 2
    assert "the gallery has every film that is registered" in complaint
    assert "To register one more: takes init 'My Film'" in complaint


# Its settings.


def test_every_setting_is_shown_with_where_it_comes_from(
    capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\nbackups = 7\n")
    monkeypatch.setenv("TAKES_CONFIG", str(path))
    monkeypatch.setenv("TAKES_PORT", "off")
    lines = printed(capsys, "config").splitlines()
    assert 'port = "off"   TAKES_PORT' in lines
    assert "watch = true   default" in lines
    assert 'auto_activate* = "first"   default' in lines
    meaning = lines[lines.index("backups = 7   line 2") + 1]
    assert meaning.startswith("    daily copies of each film's log")
    told = json.loads(printed(capsys, "config", "--json"))
    one = next(one for one in told["settings"] if one["name"] == "backups")
    assert (told["file"], one["value"], one["origin"], one["line"]) == (str(path), 7, "file", 2)
    assert (one["default"], one["variable"], one["reloaded"]) == (3, "TAKES_BACKUPS", False)


def test_a_configuration_that_is_wrong_is_told_with_its_line(
    capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("watch = true\nport = 70000\n")
    monkeypatch.setenv("TAKES_CONFIG", str(path))
    code, complaint = refused(capsys, "config")
    assert code == 1
    assert "(at line 2)" in complaint


def test_who_wants_to_change_a_setting_is_told_where_it_is_written(
    capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TAKES_CONFIG", str(path))
    code, complaint = refused(capsys, "config", "set", "port", "8080")
    assert code == 2
    assert f"write it into {path}; `takes config --template` prints a file to begin with." in complaint


def test_the_file_to_begin_with_says_all_defaults(
    capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TAKES_CONFIG", str(path))
    path.write_text(printed(capsys, "config", "--template"))
    told = json.loads(printed(capsys, "config", "--json"))["settings"]
    assert all(one["origin"] == "file" and one["value"] == one["default"] for one in told)


# Completion.


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_told_how_it_completes(capsys: Out, shell: str) -> None:
    assert "_TAKES_COMPLETE" in printed(capsys, "completion", shell)


def test_bash_completes_commands_and_options(capsys: Out, tmp_path: Path) -> None:
    script = tmp_path / "takes"
    script.write_text(printed(capsys, "completion", "bash"))
    program = tmp_path / "bin" / "takes"
    program.parent.mkdir()
    run = "import sys; from daemon.cli.main import main; sys.exit(main())"
    program.write_text(f"#!{sys.executable} -P\n{run}\n")
    program.chmod(0o700)

    def completed(*words: str) -> set[str]:
        line = f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _takes_completion takes"
        asked = f'source {script}; {line}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        path = f"{program.parent}:/usr/bin:/bin"
        env = {**environment(tmp_path), "PATH": path}
        done = subprocess.run(["bash", "-c", asked], env=env, capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    assert completed("takes", "re") == {
        "restore",
        "rebuild",
        "recover",
        "redo",
        "reel",
        "reject",
        "revoke",
    }
    assert completed("takes", "completion", '""') == {"bash", "zsh", "fish"}
    assert "--template" in completed("takes", "config", "--")
