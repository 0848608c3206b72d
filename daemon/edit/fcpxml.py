"""FCPXML 1.10: a cut for Final Cut Pro and DaVinci Resolve, each shot an audition of its takes, the pick first.

Written as the text that it is: made of the elements of a library, a film of 20,000 takes took it twice as long.

https://developer.apple.com/documentation/professional-video-applications/fcpxml-reference
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from xml.sax.saxutils import escape

from daemon.edit.cut import Clip, Cut, CutTake, notes_of
from daemon.edit.saying import judgements, said
from projections.layout import full_id

VERSION = "1.10"

Lines = Iterable[str]
"""The lines of an element, each as far in as it stands within that."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKED = re.compile('[&<>"\t\n\r]')
_QUOTED = {'"': "&quot;", "\t": "&#09;", "\n": "&#10;", "\r": "&#13;"}


def write(cut: Cut, *, is_relative: bool) -> bytes:
    """The document; times are in seconds, as fractions of whole frames."""
    return _Writing(cut, is_relative=is_relative).document()


class _Writing:
    """One document on its way; formats and assets stand in it once."""

    def __init__(self, cut: Cut, *, is_relative: bool) -> None:
        self._cut = cut
        self._is_relative = is_relative
        self._resources = list[str]()
        self._formats: dict[tuple[Fraction, int, int], str] = {}
        self._count = 0

    def document(self) -> bytes:
        cut = self._cut
        first = next((clip.active for clip in cut.clips if clip.active), None)
        size = (first.media.width or 0, first.media.height or 0) if first else (0, 0)
        form, at, spine = self._format(cut.rate, *size), 0, list[str]()
        for clip in cut.clips:
            spine += self._shot(clip, at)
            at += cut.length(clip)
        facts = {"format": form, "tcFormat": "NDF", "duration": _time(at, cut.rate)}
        lines = _element("sequence", facts, _element("spine", {}, spine))
        for name in ("project", "event"):
            lines = _element(name, {"name": cut.film}, lines)
        whole = [*_element("resources", {}, self._resources), *_element("library", {}, lines)]
        text = "\n".join(_element("fcpxml", {"version": VERSION}, whole))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'.encode()

    def _shot(self, clip: Clip, at: int) -> Lines:
        """A shot that begins at that frame of the film."""
        rate, pick = self._cut.rate, clip.active
        offset = _time(at, rate)
        if pick is None:
            about = "\n".join([f"{full_id(clip.shot.path)} has no active take", *_changes(clip)])
            facts = {"name": clip.name, "offset": offset, "duration": _time(self._cut.gap, rate)}
            return _element("gap", facts, _text("note", about))
        others = [take for take in reversed(clip.takes) if take is not pick]
        if not others:
            return self._take(clip, pick, offset)
        takes = [line for take in (pick, *others) for line in self._take(clip, take)]
        return _element("audition", {"offset": offset}, takes)

    def _take(self, clip: Clip, take: CutTake, offset: str | None = None) -> Lines:
        facts = {
            "ref": self._asset(clip, take),
            "name": f"{clip.name} {take.row.id}",
            "start": _time(take.start, take.rate),
            "duration": _time(self._cut.frames(take), self._cut.rate),
        }
        if offset is not None:
            facts["offset"] = offset
        changes = _changes(clip) if take is clip.active else []
        about = "\n".join(filter(None, [_note(take), *changes]))
        note = _text("note", about) if about else ()
        return _element("asset-clip", facts, [*note, *_judgements(take)])

    def _asset(self, clip: Clip, take: CutTake) -> str:
        media, name = take.media, self._next()
        is_still = media.kind == "image" and media.frames is None
        facts = {
            "id": name,
            "name": f"{clip.name} {take.row.id}",
            "uid": media.sha256[:32].upper(),
            "start": "0s",
            "duration": "0s" if is_still else _time(take.frames, take.rate),
        }
        if media.kind != "audio":
            facts |= {"hasVideo": "1", "format": self._format(take.rate, media.width or 0, media.height or 0)}
        else:
            facts |= {"hasAudio": "1"}
        url = self._cut.url(take, is_relative=self._is_relative)
        about = {"shot": full_id(clip.shot.path), "take": take.row.id, "sha256": media.sha256}
        known = [
            line
            for key, value in about.items()
            for line in _element("md", {"key": f"takes.{key}", "value": value})
        ]
        source = _element("media-rep", {"kind": "original-media", "src": url})
        self._resources += _element("asset", facts, [*source, *_element("metadata", {}, known)])
        return name

    def _format(self, rate: Fraction, width: int, height: int) -> str:
        key = (rate, width, height)
        if key not in self._formats:
            self._formats[key] = name = self._next()
            facts = {"id": name, "frameDuration": _time(1, rate)}
            if width and height:
                facts |= {"width": str(width), "height": str(height)}
            self._resources += _element("format", facts)
        return self._formats[key]

    def _next(self) -> str:
        self._count += 1
        return f"r{self._count}"


def _element(name: str, facts: Mapping[str, str], lines: Lines = ()) -> list[str]:
    """An element with those attributes, and with what stands in it."""
    start = "".join([f"<{name}", *[f' {key}="{_quoted(value)}"' for key, value in facts.items()]])
    inside = [f"  {line}" for line in lines]
    return [f"{start}>", *inside, f"</{name}>"] if inside else [f"{start} />"]


def _changes(clip: Clip) -> list[str]:
    return [f"changed: {one}" for one in clip.changed]


def _note(take: CutTake) -> str:
    """What is known of a take, and said of all of it, in lines."""
    params = take.row.read_params() or {}
    recipe = [f"{name}: {params[name]}" for name in ("model", "seed", "prompt") if params.get(name)]
    marked = {note.note for note, *_ in take.markers}
    notes = [said(note) for note in notes_of(take.row) if note.note not in marked]
    return "\n".join([*recipe, *(f"{name}: {value}" for name, value in judgements(take.row)), *notes])


def _judgements(take: CutTake) -> Iterator[str]:
    """Notes at frames as markers, to be done or done; a pick and a reject as what the program has for them; the rest in words."""
    for note, first, length in take.markers:
        facts = {"start": _time(first, take.rate), "duration": _time(length, take.rate)}
        facts |= {"value": said(note), "completed": "1" if note.state == "resolved" else "0"}
        yield from _element("marker", facts)
    span = {"start": _time(take.start, take.rate), "duration": _time(take.length, take.rate)}
    if take.row.mark:
        value = "favorite" if take.row.mark == "pick" else "reject"
        yield from _element("rating", {**span, "name": take.row.mark, "value": value})
    words = [*take.row.read_tags(), *([f"rating {take.row.rating}"] if take.row.rating else [])]
    if words:
        yield from _element("keyword", {**span, "value": ", ".join(words)})


@lru_cache(1000)
def _time(frames: int, rate: Fraction) -> str:
    """A time as the format has it: a fraction of a second, over the rate's own numerator."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"


def _text(name: str, text: str) -> list[str]:
    """An element that holds that text; its lines are not moved in, since that would change it."""
    return [f"<{name}>{escape(_NO_XML.sub('', text))}</{name}>"]


def _quoted(text: str) -> str:
    """A text as an attribute has it, without what XML cannot have in it."""
    plain = _NO_XML.sub("", text)
    return escape(plain, _QUOTED) if _MARKED.search(plain) else plain
