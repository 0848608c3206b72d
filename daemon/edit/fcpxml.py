"""FCPXML 1.10: a cut for Final Cut Pro and DaVinci Resolve, each shot an audition of its takes, the pick first.

https://developer.apple.com/documentation/professional-video-applications/fcpxml-reference
"""

from fractions import Fraction
from xml.etree import ElementTree as ET

from daemon.edit.cut import Clip, Cut, CutTake, notes_of
from daemon.edit.saying import judgements, said
from projections.layout import full_id

VERSION = "1.10"


def write(cut: Cut, *, is_relative: bool) -> bytes:
    """The document; times are in seconds, as fractions of whole frames."""
    return _Writing(cut, is_relative=is_relative).document()


class _Writing:
    """One document on its way; formats and assets stand in it once."""

    def __init__(self, cut: Cut, *, is_relative: bool) -> None:
        self._cut = cut
        self._is_relative = is_relative
        self._root = ET.Element("fcpxml", version=VERSION)
        self._resources = ET.SubElement(self._root, "resources")
        self._formats: dict[tuple[Fraction, int, int], str] = {}
        self._count = 0

    def document(self) -> bytes:
        cut = self._cut
        first = next((clip.active for clip in cut.clips if clip.active), None)
        size = (first.media.width or 0, first.media.height or 0) if first else (0, 0)
        library = ET.SubElement(self._root, "library")
        project = ET.SubElement(ET.SubElement(library, "event", name=cut.film), "project", name=cut.film)
        sequence = ET.SubElement(project, "sequence", format=self._format(cut.rate, *size), tcFormat="NDF")
        spine = ET.SubElement(sequence, "spine")
        at = 0
        for clip in cut.clips:
            at += self._add(spine, clip, at)
        sequence.set("duration", _time(at, cut.rate))
        ET.indent(self._root)
        return (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n' + ET.tostring(self._root) + b"\n"
        )

    def _add(self, spine: ET.Element, clip: Clip, at: int) -> int:
        """Put a shot into the film at that frame; how many frames it lasts."""
        rate, pick = self._cut.rate, clip.active
        offset = _time(at, rate)
        if pick is None:
            gap = ET.SubElement(
                spine, "gap", name=clip.name, offset=offset, duration=_time(self._cut.gap, rate)
            )
            ET.SubElement(gap, "note").text = _text(
                "\n".join([f"{full_id(clip.shot.path)} has no active take", *_changes(clip)])
            )
            return self._cut.gap
        others = [take for take in reversed(clip.takes) if take is not pick]
        parent = ET.SubElement(spine, "audition", offset=offset) if others else spine
        for take in (pick, *others):
            self._add_take(parent, clip, take, None if others else offset)
        return self._cut.frames(pick)

    def _add_take(self, parent: ET.Element, clip: Clip, take: CutTake, offset: str | None) -> None:
        facts = {
            "ref": self._asset(clip, take),
            "name": f"{clip.name} {take.row.id}",
            "start": _time(take.start, take.rate),
            "duration": _time(self._cut.frames(take), self._cut.rate),
        }
        if offset is not None:
            facts["offset"] = offset
        made = ET.SubElement(parent, "asset-clip", facts)
        changes = _changes(clip) if take is clip.active else []
        if about := "\n".join(filter(None, [_note(take), *changes])):
            ET.SubElement(made, "note").text = _text(about)
        _add_judgements(made, take)

    def _asset(self, clip: Clip, take: CutTake) -> str:
        media, name = take.media, self._next()
        facts = {
            "id": name,
            "name": f"{clip.name} {take.row.id}",
            "uid": media.sha256[:32].upper(),
            "start": "0s",
            "duration": "0s"
            if media.kind == "image" and media.frames is None
            else _time(take.frames, take.rate),
        }
        if media.kind != "audio":
            facts |= {"hasVideo": "1", "format": self._format(take.rate, media.width or 0, media.height or 0)}
        else:
            facts |= {"hasAudio": "1"}
        asset = ET.SubElement(self._resources, "asset", facts)
        url = self._cut.url(take, is_relative=self._is_relative)
        ET.SubElement(asset, "media-rep", kind="original-media", src=url)
        about = {"shot": full_id(clip.shot.path), "take": take.row.id, "sha256": media.sha256}
        metadata = ET.SubElement(asset, "metadata")
        for key, value in about.items():
            ET.SubElement(metadata, "md", key=f"takes.{key}", value=_text(value))
        return name

    def _format(self, rate: Fraction, width: int, height: int) -> str:
        key = (rate, width, height)
        if key not in self._formats:
            self._formats[key] = name = self._next()
            facts = {"id": name, "frameDuration": _time(1, rate)}
            if width and height:
                facts |= {"width": str(width), "height": str(height)}
            ET.SubElement(self._resources, "format", facts)
        return self._formats[key]

    def _next(self) -> str:
        self._count += 1
        return f"r{self._count}"


def _changes(clip: Clip) -> list[str]:
    return [f"changed: {one}" for one in clip.changed]


def _note(take: CutTake) -> str:
    """What is known of a take, and said of all of it, in lines."""
    params = take.row.read_params() or {}
    recipe = [f"{name}: {params[name]}" for name in ("model", "seed", "prompt") if params.get(name)]
    marked = {note.note for note, *_ in take.markers}
    notes = [said(note) for note in notes_of(take.row) if note.note not in marked]
    return "\n".join([*recipe, *(f"{name}: {value}" for name, value in judgements(take.row)), *notes])


def _add_judgements(made: ET.Element, take: CutTake) -> None:
    """Notes at frames as markers, to be done or done; a pick and a reject as what the program has for them; the rest in words."""
    for note, first, length in take.markers:
        facts = {"start": _time(first, take.rate), "duration": _time(length, take.rate)}
        facts |= {"value": _text(said(note)), "completed": "1" if note.state == "resolved" else "0"}
        ET.SubElement(made, "marker", facts)
    span = {"start": _time(take.start, take.rate), "duration": _time(take.length, take.rate)}
    if take.row.mark:
        value = "favorite" if take.row.mark == "pick" else "reject"
        ET.SubElement(made, "rating", {**span, "name": take.row.mark, "value": value})
    words = [*take.row.read_tags(), *([f"rating {take.row.rating}"] if take.row.rating else [])]
    if words:
        ET.SubElement(made, "keyword", {**span, "value": ", ".join(words)})


def _time(frames: int, rate: Fraction) -> str:
    """A time as the format has it: a fraction of a second, over the rate's own numerator."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"


def _text(text: str) -> str:
    """A text without what XML cannot have in it."""
    return "".join(
        one
        for one in text
        if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff"
    )
