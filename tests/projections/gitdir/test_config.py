"""Git's configuration: whom the user trusts is asked of the user's files, as git asks it."""

import subprocess
from pathlib import Path

import pytest

from projections.gitdir.config import is_called_safe
from tests.projections.git.git_film import at_home
from tests.support.film import environment


@pytest.mark.parametrize(
    ("said", "is_safe"),
    [
        ([], False),
        (["*"], True),
        (["{place}"], True),
        (["{place}/"], True),
        (["~/films/pier"], True),
        (["{place}/below"], False),
        (["/elsewhere", "{place}"], True),
        (["{place}", "/elsewhere"], True),
        (["*", ""], False),
        (["*", "", "{place}"], True),
        (["{place}/../*"], True),
        (["{place}/*"], False),
    ],
)
def test_what_the_user_calls_safe_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str], *, is_safe: bool
) -> None:
    at_home(tmp_path, monkeypatch)
    env = environment(tmp_path, GIT_CONFIG_NOSYSTEM="1")
    place = Path(env["HOME"]) / "films/pier"
    place.mkdir(parents=True)
    for one in said:
        command = ["git", "config", "--global", "--add", "safe.directory", one.format(place=place)]
        subprocess.run(command, env=env, check=True)
    assert is_called_safe(place) is is_safe
