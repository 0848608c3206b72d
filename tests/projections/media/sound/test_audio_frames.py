"""Whether all frames of a sound without a container are there."""

from io import BytesIO

import pytest

from projections.media.sound.audio_frames import are_cut_off

MP3 = b"\xff\xfb\x90\x00" + bytes(413)
AAC = b"\xff\xf1\x50\x80\x25\x9f\xfc" + bytes(293)
ID3 = b"ID3\x04\0\0\0\0\0\x05title"


class Disk(BytesIO):
    """A file of which is counted how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("frame", [MP3, AAC], ids=["mp3", "aac"])
@pytest.mark.parametrize("begin", [b"", ID3], ids=["untagged", "tagged"])
def test_a_sound_is_whole_that_ends_where_its_last_frame_does(begin: bytes, frame: bytes) -> None:
    whole = begin + 2000 * frame
    assert not are_cut_off(BytesIO(whole))
    assert not are_cut_off(BytesIO(whole + b"TAG" + bytes(125)))
    assert are_cut_off(BytesIO(whole[:-1]))
    assert are_cut_off(BytesIO(whole + frame[:1]))


@pytest.mark.parametrize("frame", [MP3, AAC], ids=["mp3", "aac"])
def test_of_frames_with_something_else_between_them_nothing_is_said(frame: bytes) -> None:
    assert not are_cut_off(BytesIO(1000 * frame + b"what?" + 1000 * frame[:-1]))


def test_a_few_bytes_that_look_like_a_frame_are_no_sound() -> None:
    assert not are_cut_off(BytesIO(MP3 + MP3[:9]))
    assert not are_cut_off(BytesIO(b""))


def test_a_sound_has_the_frames_that_its_first_one_tells_of() -> None:
    told = MP3[:36] + b"Xing\0\0\0\x01" + (2000).to_bytes(4, "big") + MP3[48:]
    assert not are_cut_off(BytesIO(told + 2000 * MP3))
    assert are_cut_off(BytesIO(told + 1000 * MP3))


def test_a_long_sound_is_read_in_large_parts() -> None:
    disk = Disk(20_000 * MP3)
    assert not are_cut_off(disk)
    assert disk.reads < 100
