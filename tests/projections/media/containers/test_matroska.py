"""How a Matroska ends, by its elements alone."""

from io import BytesIO

import pytest

from projections.media.containers import matroska

MAGIC, SEGMENT, CLUSTER = "1a45dfa3", "18538067", "1f43b675"
INFO, SEEK_HEAD, VOID, BLOCK = "1549a966", "114d9b74", "ec", "a3"


def element(kind: str, content: bytes = b"", *, is_open: bool = False) -> bytes:
    """An element with a length of eight bytes, or of none that was known."""
    size = (1 << 56) - 1 if is_open else len(content)
    return bytes.fromhex(kind) + (1 << 56 | size).to_bytes(8, "big") + content


HEAD = element(MAGIC, b"head")
CLUSTERS = element(CLUSTER, element(BLOCK, bytes(200))) * 2
OPEN_CLUSTERS = element(CLUSTER, is_open=True) + element(BLOCK, bytes(200))
CONTENT = element(INFO, b"info") + CLUSTERS

WHOLE = {
    "closed": HEAD + element(SEGMENT, CONTENT),
    "closed, with something behind": HEAD + element(SEGMENT, CONTENT) + bytes(100),
    "open": HEAD + element(SEGMENT, is_open=True) + CONTENT,
    "open, of open clusters": HEAD + element(SEGMENT, is_open=True) + element(INFO) + OPEN_CLUSTERS * 2,
    "open, with room behind what was filled": HEAD
    + element(SEGMENT, is_open=True)
    + element(SEEK_HEAD, b"seek")
    + element(VOID, bytes(50))
    + CONTENT,
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_ends_with_an_element_is_whole_and_nothing_less(name: str) -> None:
    whole = WHOLE[name]
    assert not matroska.fault(BytesIO(whole))
    last = 100 if "behind" in name and "closed" in name else 0
    for fewer in (1, 8, 150):
        assert matroska.fault(BytesIO(whole[: len(whole) - last - fewer])), fewer


def test_one_whose_writer_was_to_come_back_to_its_start_is_torn() -> None:
    file = HEAD + element(SEGMENT, is_open=True) + element(VOID, bytes(50)) + CONTENT
    assert matroska.fault(BytesIO(file))


@pytest.mark.parametrize("content", [b"", b"RIFF", MAGIC.encode()])
def test_what_is_no_matroska_is_not_torn(content: bytes) -> None:
    assert not matroska.fault(BytesIO(content))


@pytest.mark.parametrize("rest", [b"\0", b"\xff" * 20, b"\x1a", bytes(30)])
def test_what_is_no_element_is_torn(rest: bytes) -> None:
    assert matroska.fault(BytesIO(HEAD + element(SEGMENT, is_open=True) + rest))
