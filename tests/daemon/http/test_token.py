"""The file of the token that opens the gate: its owner's alone."""

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from daemon.http.token import TokenUnsafe, make_token, read_token, token_path
from tests.daemon.http.gate import SECRET, TOKEN

# The token's file.


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "takes" / "token"
    made = make_token(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    assert make_token(str(path)).text == read_token(str(path)).text == made.text
    assert list(path.parent.iterdir()) == [path]


def test_the_token_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_token(str(tmp_path / "token"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600


def test_every_user_has_another_token(tmp_path: Path) -> None:
    assert make_token(str(tmp_path / "a" / "t")).text != make_token(str(tmp_path / "b" / "t")).text


def test_daemons_that_start_at_once_have_the_same_token(tmp_path: Path) -> None:
    found: list[str] = []
    path = str(tmp_path / "token")
    threads = [threading.Thread(target=lambda: found.append(make_token(path).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o601])
def test_a_token_that_others_could_know_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    make_token(str(path))
    path.chmod(mode)
    for use in (make_token, read_token):
        with pytest.raises(TokenUnsafe, match=f"{mode:04o}") as error:
            use(str(path))
        assert "Remove that file" in error.value.hint


def test_a_token_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "token")
    make_token(path)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(TokenUnsafe, match="somebody else"):
        read_token(path)


@pytest.mark.parametrize("content", [b"", b"password\n", b"5e" * 31, b"5E" * 32, b"5e" * 40, b"\xff" * 64])
def test_what_is_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(TokenUnsafe, match="not one that the daemon made"):
        read_token(str(path))


def test_a_link_in_the_place_of_the_token_is_refused(tmp_path: Path) -> None:
    make_token(str(tmp_path / "elsewhere"))
    (tmp_path / "token").symlink_to("elsewhere")
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("token", "folder"):
        with pytest.raises(TokenUnsafe):
            make_token(str(tmp_path / name))


def test_the_token_lies_with_what_outlives_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert token_path() == str(tmp_path / "takes" / "token")


def test_the_token_does_not_show_where_it_is_printed() -> None:
    assert SECRET not in f"{TOKEN!r} {TOKEN} {[TOKEN]}"
