"""What sets takes apart, on the command line: the prompt that they share stands once, and each says what else it has."""

import json
from pathlib import Path
from typing import Any

import pytest

from daemon.cli.apart import Usual, apart
from tests.daemon.cli.test_choosing import Out, asking
from tests.support.film import DAWN, make_film, still
from tests.support.inside import running_daemon

PIER = "gulls over a wooden pier, overcast noon, 35 mm"


def told(*recipes: dict[str, Any] | None) -> tuple[str, list[str]]:
    """The prompt that is usual, and what is said of each."""
    takes = [{"generationParams": one} for one in recipes]
    usual = Usual(takes)
    return usual.prompt, [apart(one, usual) for one in takes]


def test_a_take_says_what_the_others_have_not() -> None:
    lora = {"name": "grain", "weight": 0.4}
    usual, said = told(
        {"prompt": PIER, "seed": 1, "cfg": 6},
        {"prompt": PIER.replace("noon", "dawn"), "seed": 2, "cfg": 6},
        {"prompt": PIER.replace(", 35 mm", ""), "seed": 3, "cfg": 7, "loras": [lora]},
        {"prompt": f" {PIER} ", "seed": 4},
        {"prompt": "a tram at night", "cfg": 6},
        None,
        {"prompt": PIER, "cfg": 6, "nodes": {"seed": "3"}},
        {"prompt": PIER, "cfg": 6},
    )
    assert usual == PIER
    assert said == [
        "",
        "dawn",
        "without 35 mm · cfg 7 · loras grain 0.4",
        "no cfg",
        "a tram at night",
        "",
        "",
        "",
    ]


def test_of_what_hardly_any_two_share_nothing_is_usual() -> None:
    assert told({"prompt": "a"}, {"prompt": "b"}, {"prompt": "c"}) == ("", ["a", "b", "c"])
    assert told({"prompt": "a"}, {"prompt": "b"}) == ("", ["a", "b"])
    assert told({"prompt": "a", "seed": 1}, {"prompt": "a", "seed": 2}) == ("a", ["", ""])
    assert told() == ("", [])
    assert told({"prompt": "a"}) == ("", ["a"])


async def test_the_list_of_takes_has_the_prompt_once(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # in a narrow terminal the seeds have no room
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        takes = asking(daemon, capsys)
        for number, word in enumerate(("noon", "noon", "dawn"), 1):
            recipe = {"prompt": PIER.replace("noon", word), "seed": number}
            film.takes().joinpath(f"{number}.json").write_text(json.dumps(recipe))
            film.drop(still(number), f"{number}.png")
            await daemon.finished(number)
        out = (await takes("ls", DAWN))[1]
        assert out.count(PIER) == 1
        (last,) = (
            line for line in out.splitlines() if "take_003" in line
        )  # the daemon of this process writes there, too
        assert last.split()[-2:] == ["dawn", "3"]
        assert "differs" in out
