"""What a file's maker claims of it: found in the file's own boxes, and read without trust."""

import io
import struct
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.media.containers import claim_store
from projections.media.jobs import DecoderJob
from projections.media.lent_file import LentFile
from projections.media.steps import answered
from projections.recipes.formats import c2pa
from projections.recipes.labels import params_of
from tests.support.clips import make_still, make_video

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TOLD = {"generator": "Dream 2.1", "digitalSourceType": "trainedAlgorithmicMedia"}


def cbor(value: Any) -> bytes:
    """A value as CBOR."""
    match value:
        case bool() | None:
            return bytes([{False: 0xF4, True: 0xF5, None: 0xF6}[value]])
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return _head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)
    raise TypeError(value)


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    return bytes([major << 5 | 27]) + count.to_bytes(8, "big")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def labelled(label: str, *parts: bytes) -> bytes:
    """A box of boxes."""
    about = bytes(16) + b"\x03" + label.encode() + b"\0"
    return box(b"jumb", box(b"jumd", about) + b"".join(parts))


def manifest(claim: Any, actions: Any, name: str = "urn:c2pa:1") -> bytes:
    thumbnail = labelled(
        "c2pa.thumbnail.claim.jpeg", box(b"bfdb", b"\0image/jpeg\0"), box(b"bidb", bytes(5000))
    )
    told = labelled("c2pa.assertions", thumbnail, labelled("c2pa.actions.v2", box(b"cbor", cbor(actions))))
    return labelled(name, told, labelled("c2pa.claim.v2", box(b"cbor", cbor(claim))))


CLAIM = {
    "claim_generator_info": {"name": "Dream", "version": "2.1"},
    "alg": "sha256",
    "n": [-5, 1.5, None, True],
}
ACTIONS = {"actions": [{"action": "c2pa.opened"}, {"action": "c2pa.created", "digitalSourceType": SOURCE}]}
STORE = labelled("c2pa", manifest({"claim_generator": "Older"}, {}), manifest(CLAIM, ACTIONS))


def told(store: bytes) -> Any:
    return params_of({"c2pa": b64encode(store).decode()}).get("claims")


# What is claimed.


@pytest.mark.parametrize(
    ("claim", "actions", "expected"),
    [
        (CLAIM, ACTIONS, TOLD),
        ({**CLAIM, "claim_generator_info": [{"name": "Dream"}]}, {}, {"generator": "Dream"}),
        (
            {"claim_generator": "make_it/1.0 c2pa/0.2"},
            {"actions": [3]},
            {"generator": "make_it/1.0 c2pa/0.2"},
        ),
        ({"claim_generator": 3}, {"actions": {}}, None),
        ([], 7, None),
    ],
)
def test_who_made_it_and_of_what_kind_it_is(claim: Any, actions: Any, expected: Any) -> None:
    assert told(labelled("c2pa", manifest(claim, actions))) == expected


def test_of_several_manifests_the_last_counts() -> None:
    assert told(STORE) == TOLD


def test_a_store_that_is_cut_off_says_nothing() -> None:
    assert told(STORE[:-1]) is None


def test_what_is_claimed_stands_beside_another_recipe() -> None:
    texts = {"parameters": "gulls\nSteps: 20, Seed: 7", "c2pa": b64encode(STORE).decode()}
    assert {**params_of(texts), "prompt": "gulls"} == {
        "prompt": "gulls",
        "steps": 20,
        "seed": 7,
        "claims": TOLD,
    }


@pytest.mark.parametrize(
    "content",
    [
        b"\x9f\x01\xff",
        b"\xbf\x61a\x01\xff",
        b"\x7f\x61a\x61b\xff",
        b"\x5f\x41a\xff",
        b"\xff",
        b"\x1f",
        b"\x81" * 100_000,
        b"\xd8\x23" * 1000 + b"\x01",
        b"\x9b" + b"\xff" * 8,
        b"\xbb" + b"\xff" * 8,
        b"\xa1\x80\x01",
        b"\xf9\x7e\x00",
        b"\xfe",
        b"",
    ],
)
def test_whatever_stands_in_a_claim_raises_nothing(content: bytes) -> None:
    for label in ("c2pa.claim", "c2pa.actions"):
        assert told(labelled("c2pa", labelled("urn", labelled(label, box(b"cbor", content))))) is None


@given(st.binary(max_size=200), st.integers(0, len(STORE)), st.integers(0, 60))
def test_a_store_that_is_damaged_anywhere_raises_nothing(noise: bytes, place: int, gone: int) -> None:
    damaged = STORE[:place] + noise + STORE[place + gone :]
    c2pa.read({"c2pa": b64encode(damaged).decode()}, "")
    c2pa.read({"c2pa": noise.decode("latin-1")}, "")


# Where it stands in a file.


def png(store: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"caBX", store) + chunk(b"IEND", b"")


def jpeg(store: bytes) -> bytes:
    """A JPEG with the store in pieces of a kilobyte, behind another segment and before the picture."""

    def segment(kind: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, kind, len(content) + 2) + content

    pieces = [store[8:][at : at + 1000] for at in range(0, len(store) - 8, 1000)]
    parts = [
        segment(0xEB, b"JP" + struct.pack(">HI", 1, n + 1) + store[:8] + one) for n, one in enumerate(pieces)
    ]
    other = segment(0xEB, b"JP" + struct.pack(">HI", 2, 1) + box(b"jumb", bytes(20)))
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"".join(parts) + other + segment(0xDA, b"") + bytes(9)


def webp(store: bytes) -> bytes:
    chunks = b"VP8 " + struct.pack("<I", 3) + b"abc\0" + b"C2PA" + struct.pack("<I", len(store)) + store
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def mp4(store: bytes) -> bytes:
    head = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(4) + b"manifest\0" + bytes(8)
    other = box(b"uuid", bytes(40))
    return box(b"ftyp", b"isom" + bytes(4)) + other + box(b"uuid", head + store) + box(b"mdat", bytes(50))


FORMS = [png, jpeg, webp, mp4]


@pytest.mark.parametrize("form", FORMS)
def test_it_is_found_where_each_format_has_it(form: Any) -> None:
    assert claim_store.claims(io.BytesIO(form(STORE))) == STORE


@pytest.mark.parametrize("form", FORMS)
@given(st.binary(max_size=30), st.integers(0, 400), st.integers(0, 20))
def test_a_file_that_is_damaged_anywhere_raises_nothing(
    form: Any, noise: bytes, place: int, gone: int
) -> None:
    whole = form(STORE[:100])
    claim_store.claims(io.BytesIO(whole[:place] + noise + whole[place + gone :]))


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"plain text, and long enough", mp4(b"")[:20]]
)
def test_a_file_without_one_has_none(content: bytes) -> None:
    assert claim_store.claims(io.BytesIO(content)) == b""


def with_claims(path: Path) -> Path:
    """The picture or clip of that path with the store in it."""
    whole = path.read_bytes()
    if path.suffix == ".png":
        whole = whole[:33] + png(STORE)[33:-12] + whole[33:]
    else:
        whole += mp4(STORE)[16:-58]
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_a_file_tells_of_them_as_it_is_looked_into(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with_claims(make_still(path) if path.suffix == ".png" else make_video(path))
    with LentFile(path) as file:
        answers = [
            answered(DecoderJob(do=do, name=name, width=64, height=36), file)
            for do in ("labels", "look", "picture")
        ]
    assert not any(answer.reason for answer, _ in answers)
    assert answers[0][0].values == {"params": {"claims": TOLD}}
