"""The gallery's port is the same again after a restart, and never one that somebody else has had meanwhile."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from daemon import locations
from daemon.http.gallery import open_gallery
from daemon.http.port import FREE, MOST, bind_again
from tests.support.film import environment
from tests.support.inside import surroundings

HERE = Path("/run/takes.sock")


@pytest.fixture(autouse=True)
def _a_state_folder_of_its_own(tmp_path: Path) -> Iterator[None]:
    with surroundings(environment(tmp_path)):
        yield


def port_of(daemon: Path = HERE) -> int:
    """The port that a daemon has, which ends then."""
    with bind_again(daemon) as listener:
        return int(listener.getsockname()[1])


def remembered() -> dict[str, int]:
    found: dict[str, int] = json.loads(Path(locations.state_directory(), "ports.json").read_bytes())
    return found


def test_the_port_is_taken_again_and_nobody_is_told() -> None:
    first = port_of()
    with capture_logs() as told:
        assert [port_of(), port_of()] == [first, first]
    assert not told


def test_the_port_is_none_that_a_connection_which_goes_out_could_have() -> None:
    assert port_of() in FREE


def test_a_port_that_somebody_else_has_is_given_up_for_good_and_that_is_told() -> None:
    first = port_of()
    with socket.create_server(("127.0.0.1", first)), capture_logs() as told:
        second = port_of()
    assert second != first
    assert [(one["event"], one["port"], one["before"]) for one in told] == [
        ("the gallery has moved", second, first)
    ]
    assert port_of() == second


def test_every_daemon_has_a_port_of_its_own() -> None:
    with bind_again(HERE) as one, bind_again(Path("/run/other.sock")) as other:
        ports = one.getsockname()[1], other.getsockname()[1]
    assert ports == (port_of(), port_of(Path("/run/other.sock")))
    assert len(set(ports)) == 2


def test_of_very_many_daemons_the_last_ones_are_remembered() -> None:
    for number in range(MOST + 2):
        port_of(Path(f"/run/{number}.sock"))
    assert list(remembered()) == [f"/run/{number}.sock" for number in range(2, MOST + 2)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"/run/takes.sock": "x"}', '{"/run/takes.sock": 70000}'])
def test_a_file_that_makes_no_sense_costs_a_new_port(text: str) -> None:
    folder = Path(locations.state_directory())
    folder.mkdir(parents=True)
    folder.joinpath("ports.json").write_text(text)
    assert remembered_after(port_of()) == port_of()


def remembered_after(port: int) -> int:
    assert remembered()[str(HERE)] == port
    return port


def test_where_nothing_can_be_written_there_is_no_gallery_and_that_is_told() -> None:
    folder = Path(locations.state_directory())
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    with capture_logs() as told, open_gallery(0, HERE) as gallery:
        assert gallery is None
    assert [one["event"] for one in told] == ["no gallery"]
