"""Meters: FFmpeg's own, through which the frames of a sound go on their way.

`ebur128` has the loudness as EBU R 128 defines it, `astats` the peaks and means of which a drawing is made.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import av

_NOTHING: Final = -70.0
"""LUFS below which EBU R 128 hears nothing."""

_LEVELS: Final = "metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level+RMS_level"


class Level(NamedTuple):
    """How loud a stretch of sound is, over all its channels: the highest sample and the root of the mean square, 0 to 1."""

    peak: float
    mean: float


def loudness(frames: Iterable[av.AudioFrame]) -> float | None:
    """How loud the whole of it is, in LUFS; None where there is nothing to be heard."""
    found = _NOTHING
    for told in _metered(frames, ("ebur128", "metadata=1:framelog=quiet")):
        found = float(told.get("lavfi.r128.I", found))
    return round(found, 1) if found > _NOTHING else None


def levels(frames: Iterable[av.AudioFrame], samples: int) -> list[Level]:
    """How loud each stretch of so many samples is."""
    filters = ("asetnsamples", f"n={samples}:p=0"), ("astats", _LEVELS)
    return [
        Level(_share(told, "Peak_level"), _share(told, "RMS_level")) for told in _metered(frames, *filters)
    ]


def in_columns(found: list[Level], columns: int) -> list[Level]:
    """The same in so many equal parts."""
    edges = [len(found) * column // columns for column in range(columns + 1)]
    return [_together(found[start : max(end, start + 1)]) for start, end in pairwise(edges)]


def _together(part: list[Level]) -> Level:
    return Level(max(one.peak for one in part), (sum(one.mean**2 for one in part) / len(part)) ** 0.5)


def _share(told: dict[str, str], name: str) -> float:
    """A level in decibels of full scale as a share of it."""
    return float(10 ** (float(told.get(f"lavfi.astats.Overall.{name}", "-inf")) / 20))


def _metered(frames: Iterable[av.AudioFrame], *filters: tuple[str, str]) -> Iterator[dict[str, str]]:
    """What the last of those filters says of each frame that comes out of it."""
    graph: av.filter.Graph | None = None
    position = 0
    for frame in _alike(frames):
        graph = graph or _graph(frame, filters)
        frame.pts = position
        position += frame.samples
        graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _alike(frames: Iterable[av.AudioFrame]) -> Iterator[av.AudioFrame]:
    """The frames in the form of the first one: a sound may go on in another."""
    first = form = None
    converter = av.AudioResampler()
    for frame in frames:
        first = first or frame
        if form != (form := (frame.format.name, frame.layout.name, frame.sample_rate)):
            converter = av.AudioResampler(format="dbl", layout=first.layout, rate=first.sample_rate)
        yield from converter.resample(frame)


def _graph(frame: av.AudioFrame, filters: Iterable[tuple[str, str]]) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format,
        layout=frame.layout,
        time_base=frame.time_base,
    )
    chain = [graph.add(name, options) for name, options in filters]
    graph.link_nodes(source, *chain, graph.add("abuffersink")).configure()
    return graph


def _pulled(graph: av.filter.Graph) -> Iterator[dict[str, str]]:
    while True:
        try:
            yield graph.pull().metadata
        except (BlockingIOError, EOFError):  # it wants more first, or has said all
            return
