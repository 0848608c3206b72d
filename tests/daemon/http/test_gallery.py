"""The gallery's port: one with a token and a page, none where none is wanted, and never somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.http.gallery import open_gallery
from daemon.http.sockets import PortTaken
from daemon.http.token import read_token
from tests.support.film import environment
from tests.support.inside import surroundings

HERE = Path("/run/takes.sock")
"""The socket of the daemon whose gallery it is."""


@pytest.fixture(autouse=True)
def _a_state_folder_of_its_own(tmp_path: Path) -> Iterator[None]:
    with surroundings(environment(tmp_path)):
        yield


def test_a_gallery_tells_at_which_port_it_is_and_where_the_token_lies_that_opens_it() -> None:
    with open_gallery(0, HERE) as gallery:
        assert gallery
        assert gallery.view.port == gallery.listener.getsockname()[1]
        token = read_token(gallery.view.token_file)
        assert gallery.door.cookie == f"takes-{gallery.view.port}"
        assert token.cookie(gallery.view.port) == gallery.token.cookie(gallery.view.port)


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with open_gallery(0, HERE) as gallery:
        assert gallery
        with pytest.raises(PortTaken), open_gallery(gallery.view.port, HERE):
            pass


def test_no_port_is_opened_where_none_is_wanted(tmp_path: Path) -> None:
    with open_gallery("off", HERE) as gallery:
        assert gallery is None
    assert not list(tmp_path.rglob("*token*"))
