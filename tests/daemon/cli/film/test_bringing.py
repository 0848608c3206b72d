"""Bringing in on the command line, asked of a daemon and of none: files become takes, and a film gets another shot."""

import json
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

from daemon import locations
from daemon.cli.main import main
from tests.daemon.cli.test_choosing import GULLS, Out, Said, Takes, asking, known
from tests.daemon.sequences.rendered import render
from tests.support.film import DAWN, environment, make_film, still, video
from tests.support.inside import Daemon, running_daemon, surroundings


def bringing(daemon: Daemon, capsys: Out) -> Takes:
    """As `asking`, without what the daemon says of itself meanwhile."""
    ask = asking(daemon, capsys)

    async def run(*words: str) -> Said:
        code, out, err = await ask(*words)
        return code, "".join(line for line in out.splitlines(keepends=True) if "[info " not in line), err

    return run


def made(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def test_files_become_takes_and_their_numbers_are_told(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    one, other = made(tmp_path / "old/a.png", still(1)), made(tmp_path / "old/b.png", still(2))
    made(tmp_path / "old/a.json", b'{"seed": 7}')
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        code, out, _ = await takes("add", str(one), str(other), "dawn")
        assert code == 0
        assert {line.split()[1] for line in out.splitlines()} == {str(one), str(other)}
        assert {line.split()[0] for line in out.splitlines()} == {"take_001", "take_002"}
        found = {take["origin"]: take for take in await daemon.finished(2)}
        assert found["a.png"]["generationParams"]["seed"] == 7
        assert one.exists()
        assert other.exists()


async def test_a_name_that_is_used_is_given_to_no_other_file(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    files = [made(tmp_path / f"old{number}/a.png", still(number)) for number in (1, 2, 3)]
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        assert (await takes("add", *map(str, files), "dawn", "--no-wait"))[0] == 0
        assert {take["origin"] for take in await daemon.finished(3)} == {"a.png", "a_2.png", "a_3.png"}


async def test_what_is_moved_is_gone_from_where_it_was(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    file, recipe = made(tmp_path / "old/a.mp4", video()), made(tmp_path / "old/a.txt", b"gulls\nSteps: 20")
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        assert (await takes("add", str(file), "dawn", "--move"))[0] == 0
        assert not file.exists()
        assert not recipe.exists()
        (take,) = await daemon.finished(1)
        assert take["generationParams"]["steps"] == 20


@pytest.mark.parametrize("move", [False, True])
async def test_a_folder_of_frames_is_one_take(tmp_path: Path, capsys: Out, *, move: bool) -> None:
    film = await make_film(tmp_path)
    folder = render(tmp_path / "old/sea")
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        code, out, _ = await takes("add", str(folder), "dawn", *(["--move"] if move else []))
        assert (code, out) == (0, f"take_001  {folder}\n")
        (take,) = await daemon.finished(1)
        assert take["media"]["frames"]["count"] == 4
        assert folder.exists() is not move


async def test_frames_that_are_named_one_by_one_are_one_take(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    folder = render(tmp_path / "old")
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        code, out, _ = await takes("add", *map(str, sorted(folder.iterdir())), "dawn")
        assert code == 0
        assert out.startswith("take_001  ")
        (take,) = await daemon.finished(1)
        assert take["media"]["frames"]["count"] == 4


async def test_what_cannot_become_a_take_is_named_and_nothing_is_copied(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    wrong = {
        "notes.pdf": b"x",
        "empty.png": b"",
        ".hidden.png": still(1),
        "b.png.part": still(1),
        "alone.json": b"{}",
    }
    files = [made(tmp_path / "old" / name, content) for name, content in wrong.items()]
    good = made(tmp_path / "old/good.png", still(2))
    writing = made(tmp_path / "old/writing.png", still(3))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        with writing.open("ab"):
            code, _, err = await takes("add", str(good), *map(str, files), str(writing), "gone.png", "dawn")
        assert code == 4
        for path in [*files, writing]:
            assert f"{path}: " in err
        assert "gone.png: it is not there" in err
        assert str(good) not in err
        assert list(film.takes().iterdir()) == []


async def test_a_take_is_copied_into_another_shot_and_never_moved_out_of_its_own(
    tmp_path: Path, capsys: Out
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        film.drop(still(1))
        await daemon.finished(1)
        take = film.media(1)
        assert (await takes("add", str(take), "noon", "--move"))[0] == 4
        assert (await takes("add", str(take), "noon"))[1] == f"take_001  {take}\n"
        assert take.exists()


async def test_a_drop_that_fails_has_its_number_too(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    bad = made(tmp_path / "old/bad.png", b"no picture")
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        assert (await takes("add", str(bad), "dawn"))[1] == f"take_001  {bad}\n"


async def test_without_a_daemon_files_wait_for_its_next_start(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    file = made(tmp_path / "old/a.png", still(1))
    code, out, err = await without_daemon(tmp_path, capsys, film.root, "add", str(file), "dawn")
    assert (code, out) == (0, f"{file} is in {DAWN} as a.png\n")
    assert "when it starts" in err
    async with running_daemon(film) as daemon:
        await daemon.finished(1)
        assert (await daemon.takes())[0]["origin"] == "a.png"


async def test_a_shot_is_made_in_the_style_of_the_film_and_takes_files(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path, "MyFilm", GULLS)
    file = made(tmp_path / "old/a.png", still(1))
    async with running_daemon(film) as daemon:
        takes = bringing(daemon, capsys)
        code, out, _ = await takes("new-shot", "20 The Pier")
        assert (code, out) == (0, f"{film.root}/01_Chapter/01_Scene/020_The_Pier\n")
        assert (await takes("add", str(file), "20"))[0] == 0
        code, _, err = await takes("new-shot", "20 Another")
        assert code == 4
        assert "030 is free" not in err
        assert "025 is free" in err
        assert (await takes("new-shot", "Night"))[1].endswith("/030_Night\n")
        answer = json.loads((await takes("new-shot", "Day", "--json"))[1])
        assert answer["shotId"] == "040_Day"

        assert answer["id"] in [one["id"] for one in (await daemon.get("shots"))["shots"]]


async def test_a_shot_is_made_without_a_daemon(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    code, out, _ = await without_daemon(tmp_path, capsys, film.root, "new-shot", "Dusk", "--in", "scene")
    assert (code, out) == (0, f"{film.root}/01_Chapter/01_Scene/003_Dusk\n")


async def without_daemon(
    tmp_path: Path, capsys: Out, root: Path, *words: str, env: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    with surroundings(environment(tmp_path, **(env or {}))):
        await anyio.to_thread.run_sync(locations.register_project, str(root))
        args = ["--socket", str(tmp_path / "none"), "--project", str(root), *words]
        code = await anyio.to_thread.run_sync(main, args)
        out, err = capsys.readouterr()
    return code, out, err


async def test_the_api_brings_files_in_and_makes_shots(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    file = made(tmp_path / "old/a.png", still(1))
    async with running_daemon(film) as daemon:
        await known(daemon)
        answer = await daemon.ask("POST", "shots", {"name": "3 Dusk"})
        assert answer.status_code == 201
        assert answer.json()["path"] == "01_Chapter/01_Scene/003_Dusk"
        assert (await daemon.ask("GET", f"shots/{answer.json()['id']}/takes")).status_code == 200
        assert (await daemon.ask("POST", "shots", {"name": "3 Again"})).status_code == 409
        assert (await daemon.ask("POST", "shots", {"name": "a/b"})).status_code == 422
        assert (await daemon.ask("POST", "shots", {"name": "x", "scene": "nowhere"})).status_code == 404
        path = "shots/001_Dawn/files"
        answer = await daemon.ask("POST", path, {"paths": [str(file)]})
        assert (answer.status_code, answer.json()) == (
            202,
            {"files": [{"path": str(file), "name": "a.png"}], "left": []},
        )
        (take,) = await daemon.finished(1)
        assert take["origin"] == "a.png"
        assert (await daemon.ask("POST", path, {"paths": ["a.png"]})).status_code == 400
        assert (await daemon.ask("POST", path, {"paths": [str(file / "none")]})).status_code == 422
