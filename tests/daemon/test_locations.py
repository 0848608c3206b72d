import json
import os
import sys
import threading
from pathlib import Path

import pytest

from daemon import locations


@pytest.fixture(autouse=True)
def _nothing_from_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TAKES_CONFIG", "TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project with one shot, and the current folder is elsewhere."""
    root = tmp_path / "Film"
    (root / ".takes").mkdir(parents=True)
    (root / "01_Ch/01_Sc/001_Wide/takes").mkdir(parents=True)
    return root


def nobody_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without /run/user for us."""
    monkeypatch.setattr(os, "access", lambda *asked: not asked[0].startswith("/run/user"))


def test_the_socket_is_in_the_runtime_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert locations.socket_path() == str(tmp_path / "takes/takes.sock")


def test_a_runtime_directory_that_is_no_whole_path_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nobody_home(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "run")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert locations.socket_path() == str(tmp_path / f"takes-{os.getuid()}/takes.sock")


def test_a_shell_without_a_session_finds_the_socket_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert locations.socket_path() == f"/run/user/{os.getuid()}/takes/takes.sock"


def test_on_a_mac_the_socket_is_among_the_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", "/Users/ada")
    assert locations.socket_path() == "/Users/ada/Library/Caches/takes/takes.sock"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_the_configuration_is_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", "/home/ada")
    assert locations.config_path() == "/home/ada/.config/takes/config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/ada")
    assert locations.config_path() == "/etc/ada/takes/config.toml"
    monkeypatch.setenv("TAKES_CONFIG", "mine.toml")
    assert locations.config_path() == "mine.toml"


def test_on_a_mac_with_a_long_home_the_socket_is_among_the_temporary_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nobody_home(monkeypatch)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", "/Users/" + "a" * 80)
    monkeypatch.setenv("TMPDIR", "/var/folders/x")
    assert locations.socket_path() == f"/var/folders/x/takes-{os.getuid()}/takes.sock"


@pytest.mark.parametrize("bad", ["a folder that others may write to", "a link", "a file"])
def test_a_runtime_directory_that_others_can_change_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    place = tmp_path / "takes"
    if bad == "a file":
        place.touch()
    elif bad == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        place.symlink_to("elsewhere")
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.raises(locations.RuntimeDirectoryUnsafe):
        locations.socket_path()


def test_a_runtime_directory_of_somebody_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "takes").mkdir(mode=0o700)
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    with pytest.raises(locations.RuntimeDirectoryUnsafe):
        locations.socket_path()


def test_without_a_registry_no_project_is_registered() -> None:
    assert locations.registered_projects() == []


def test_projects_are_registered_once_and_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert [locations.register_project(path) for path in ("/films/B", "/films/A", "/films/B")] == [
        True,
        True,
        False,
    ]
    assert locations.registered_projects() == ["/films/B", "/films/A"]
    assert json.loads((tmp_path / "takes/projects.json").read_text()) == {
        "projects": ["/films/B", "/films/A"]
    }


def test_a_folder_whose_name_is_not_text_can_be_registered() -> None:
    name = os.fsdecode(b"/films/\xff\xfe")
    locations.register_project(name)
    assert locations.registered_projects() == [name]


def test_projects_that_are_registered_at_once_are_all_registered() -> None:
    paths = [f"/films/{number}" for number in range(20)]
    threads = [threading.Thread(target=locations.register_project, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(locations.registered_projects()) == sorted(paths)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"projects": [1]}', '{"projects": "/films"}'])
def test_a_registry_that_cannot_be_understood_is_an_error_and_is_left_alone(
    tmp_path: Path, text: str
) -> None:
    folder = Path(locations.state_directory())
    folder.mkdir(parents=True)
    (folder / "projects.json").write_text(text)
    with pytest.raises(locations.RegistryUnreadable, match=r"projects\.json") as raised:
        locations.register_project("/films/A")
    assert "takes init" in raised.value.hint
    assert (folder / "projects.json").read_text() == text


def test_the_project_around_a_folder_is_the_innermost_one(tmp_path: Path, film: Path) -> None:
    assert locations.innermost_root(str(film / "01_Ch"), ["/films", str(tmp_path), str(film)]) == str(film)
    assert locations.innermost_root(str(tmp_path / "Film_2"), [str(film)]) is None
    (tmp_path / "link").symlink_to(film)
    assert locations.innermost_root(str(tmp_path / "link/01_Ch"), [str(film)]) == str(film)


def test_the_project_that_is_meant_is_the_one_we_stand_in(film: Path) -> None:
    projects = [{"id": "a", "path": "/films/A"}, {"id": "film", "path": str(film)}]
    assert locations.project_meant(projects, str(film / "01_Ch"))["id"] == "film"


def test_outside_of_all_projects_the_only_one_is_meant(tmp_path: Path) -> None:
    assert locations.project_meant([{"id": "a", "path": "/films/A"}], str(tmp_path))["id"] == "a"


def test_outside_of_several_projects_none_is_meant(tmp_path: Path) -> None:
    with pytest.raises(locations.ProjectNotChosen) as raised:
        locations.project_meant(
            [{"id": "b", "path": "/films/B"}, {"id": "a", "path": "/films/A"}], str(tmp_path)
        )
    assert raised.value.candidates == ["a", "b"]


def test_inside_a_project_that_is_not_served_no_other_film_is_meant(film: Path) -> None:
    with pytest.raises(locations.ProjectNotServed, match="Film"):
        locations.project_meant([{"id": "a", "path": "/films/A"}], str(film / "01_Ch/01_Sc"))


def test_without_projects_the_hint_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(locations.NoProjects) as raised:
        locations.project_meant([], str(tmp_path))
    assert "takes init" in raised.value.hint


@pytest.mark.parametrize(
    ("here", "text", "meant"),
    [
        (".", "001_Wide", "001_Wide"),
        (".", "01_Ch:01_Sc:001_Wide", "01_Ch:01_Sc:001_Wide"),
        (".", "01_Ch/01_Sc/001_Wide", "01_Ch:01_Sc:001_Wide"),
        (".", "01_Ch/01_Sc/001_Wide/", "01_Ch:01_Sc:001_Wide"),
        ("..", "01_Ch/01_Sc/001_Wide", "01_Ch:01_Sc:001_Wide"),
        ("..", "Film/01_Ch/01_Sc/001_Wide", "01_Ch:01_Sc:001_Wide"),
        ("..", "./Film/01_Ch/01_Sc/001_Wide/takes/take_001", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch/01_Sc", "001_Wide", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch/01_Sc", "./001_Wide", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch/01_Sc/001_Wide", ".", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch/01_Sc/001_Wide/takes", ".", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch/01_Sc/001_Wide/takes", "..", "01_Ch:01_Sc:001_Wide"),
        ("01_Ch", "./01_Sc/002_Gone", "01_Ch:01_Sc:002_Gone"),
    ],
)
def test_a_shot_can_be_named_in_every_way(
    film: Path, monkeypatch: pytest.MonkeyPatch, here: str, text: str, meant: str
) -> None:
    monkeypatch.chdir(film / here)
    assert locations.shot_id(text, str(film)) == meant
    monkeypatch.chdir("/")
    assert locations.shot_id(str(film / "01_Ch/01_Sc/001_Wide"), str(film)) == "01_Ch:01_Sc:001_Wide"


def test_a_folder_elsewhere_with_the_name_of_a_shot_does_not_get_in_the_way(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere/001_Wide").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert locations.shot_id("001_Wide", str(film)) == "001_Wide"


@pytest.mark.parametrize("text", [".", "./", "..", "./takes", "../Other/001", "/films/B/001", "/", ""])
def test_a_path_that_leads_to_no_shot_is_refused(
    film: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(film)
    with pytest.raises(locations.NotAShot):
        locations.shot_id(text, str(film))
