"""A lent file: one open file that a decoder is asked about, and what is remembered of it between two questions."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import FileIO
from typing import Any

from projections.media import exr, video
from projections.media.jobs import DecoderJob, Size
from projections.media.stills.still import Still, format_of

SMALL = 1 << 20
"""Bytes of a file that is hashed in a moment."""


class LentFile(FileIO):
    """A file that is lent: it remembers what the disk said instead of its bytes, which codecs keep to themselves.

    A still is opened and decoded once, however much is asked of it; of a clip the tags are known once it was looked into,
    and whether it has a sound. `drawn_next` is how large a picture is to be drawn after the look.
    """

    refused: int | None = None
    tags: video.Tags | None = None
    has_sound = True
    drawn_next: Size | None = None

    @cached_property
    def still(self) -> Still | exr.OpenExr | None:
        """It as a still picture, where it is one."""
        if exr.is_exr(self):
            return exr.OpenExr(self)
        name = format_of(self)
        return Still(self, name) if name else None

    def answers_soon(self, job: DecoderJob) -> bool:
        """Whether nobody waits longer for what was asked before where that is told with it.

        Who has looked into a file needs its hash and its labels, too; a still has no sound that would be measured. Who
        asks all at once does so of many files.
        """
        if self.seek(0, os.SEEK_END) > SMALL:
            return False
        return job.do in ("hash", "labels", "all") or (job.do == "loudness" and self.still is not None)

    def close(self) -> None:
        # It has this file: the two would be kept until somebody looks for cycles.
        self.__dict__.pop("still", None)
        super().close()

    def read(self, size: int | None = -1, /) -> bytes:
        with self._heeded():
            return super().read(size)

    def readall(self) -> bytes:
        with self._heeded():
            return super().readall()

    def readinto(self, buffer: Any, /) -> int:
        with self._heeded():
            return super().readinto(buffer)

    @contextmanager
    def _heeded(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.refused = error.errno
            raise
