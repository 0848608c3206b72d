"""Samples: events and appends for tests that do not care what exactly happened."""

from events import (
    AccessGranted,
    AccessRevoked,
    Again,
    Append,
    Arrival,
    Companion,
    Event,
    Frames,
    Gap,
    Identity,
    Left,
    Media,
    Request,
    Resources,
    SearchRemoved,
    SearchSaved,
    ShotMoved,
    ShotNoted,
    ShotNoteMarked,
    ShotReceived,
    ShotRecovered,
    ShotRegistered,
    ShotStaged,
    Source,
    Stroke,
    TakeAccepted,
    TakeActivated,
    TakeCompleted,
    TakeCreated,
    TakeDeactivated,
    TakeDeleted,
    TakeFailed,
    TakeJoined,
    TakeMarked,
    TakeMeasured,
    TakeNoted,
    TakeNoteMarked,
    TakePurged,
    TakeRated,
    TakeRestored,
    TakeStarted,
    TakeSuperseded,
    TakeTagged,
    WorkflowFile,
)

AT = "2026-11-23T12:53:00.000000Z"

DROP = Source(kind="drop", name="render.mp4", identity=Identity(device=66, inode=4711, size=1024, mtime_ns=1))


def append(stream: str, *events: Event, expected: int = 0, cause: str | None = None) -> Append:
    """An append of those events, or of one that says little."""
    return Append(
        stream=stream, events=events or [some(1)], expected=expected, at=AT, actor="cli", cause=cause
    )


def some(count: int) -> Event:
    """An event that can be told from its neighbours."""
    return ShotRegistered(path=f"shot_{count}")


def media(number: int) -> Media:
    """A take's media with everything known about it."""
    return Media(
        name=f"shot_001_take_{number:03d}.mp4",
        bytes=1024,
        sha256="ab" * 32,
        kind="video",
        duration=2.5,
        width=1920,
        height=1080,
        frame_rate=23.976,
        codec="h264",
        timecode="01:00:00:00",
    )


A_LIFE: tuple[Event, ...] = (
    ShotRegistered(path="001_Dawn", device=66, inode=12, given=6, hidden=(3,)),
    TakeCreated(take=1, source=DROP),
    TakeCompleted(
        take=1,
        media=media(1),
        params={
            "model": "wan-2.2",
            "seed": 2**64 - 1,
            "prompt": "dawn 🌅\nover the sea",
            "cfg": 6.5,
            "loras": [None],
        },
        resources=Resources(vram_used=11_264.0, generation_time=81.25, quality="high"),
        identity=DROP.identity,
        kept="reflink",
    ),
    TakeActivated(take=1, why="first"),
    TakeCreated(
        take=2,
        source=Source(kind="request", recipe="recipe.json"),
        request=Request(params={"prompt": "dawn, wider"}, quality="draft", workflow="wide.json"),
        workflow=WorkflowFile(path="wide.json", sha256="5e" * 32, chosen_for="take"),
    ),
    TakeStarted(
        take=2,
        runner="comfyui",
        workflow=WorkflowFile(path="wide.json", sha256="6f" * 32, chosen_for="take"),
    ),
    TakeFailed(take=2, error="out of memory", name="render.part", identity=DROP.identity),
    TakeCreated(take=7, source=Source(kind="adopted", name="take_007", created=AT)),
    TakeCompleted(take=7, media=Media(name="shot_001_take_007.png", bytes=9, sha256="cd" * 32, kind="image")),
    TakeJoined(
        take=7,
        companion=Companion(
            role="picture",
            name="shot_001_take_007_recipe.png",
            identity=Identity(device=66, inode=4712, size=77, mtime_ns=2),
            sha256="ef" * 32,
            origin="render_00007.png",
        ),
        params={"seed": 7},
    ),
    TakeSuperseded(take=1, by=7),
    TakeActivated(take=7, why="fallback"),
    TakeRestored(take=1),
    TakeDeleted(take=2, why="missing"),
    TakePurged(take=2, bytes=77, identity=DROP.identity),
    ShotMoved(path="02_Morning/001_Dawn"),
    ShotRecovered(given=12, hidden=(9,), active=11),
    TakeRated(take=1, rating=4, by="anna"),
    TakeMarked(take=1, mark="pick", by="anna"),
    TakeTagged(take=1, added=("hero", "night"), by="jörg"),
    TakeTagged(take=1, added=("slow",), removed=("night",), by="jörg"),
    TakeNoted(take=1, note=1, text="the hand\nhas six fingers", frame=12, last_frame=20, by="anna"),
    TakeNoted(take=1, note=2, text="as it should", answers=1, by="jörg", written=AT),
    TakeNoteMarked(take=1, note=1, state="resolved", by="anna"),
    TakeRated(take=1, rating=0, by="anna", undoes="request:0007"),
    TakeNoted(
        take=1,
        note=3,
        text="here",
        frame=12,
        by="anna",
        drawing=(
            Stroke(kind="pen", points=(0.25, 0.5, 0.3, 0.55, 0.4, 0.5), colour="red"),
            Stroke(kind="arrow", points=(0.1, 0.1, 0.25, 0.5)),
            Stroke(kind="text", points=(0.05, 0.1), text="six fingers"),
        ),
    ),
    ShotNoted(note=1, text="wider, please", by="anna"),
    ShotNoteMarked(note=1, state="withdrawn", by="anna"),
    ShotStaged(stage="review", by="anna"),
    TakeDeactivated(take=7, by="anna", undoes="request:0008"),
    ShotReceived(
        files=(Arrival(origin="/old/gulls.mp4", name="gulls_2.mp4", identity=Identity(66, 12, 1024, 1)),),
        moved=True,
        by="anna",
    ),
    TakeCreated(
        take=12,
        source=Source(kind="request"),
        request=Request(params={"seed": 7}, again=Again(take=1, sha256="ab" * 32)),
        by="anna",
    ),
    TakeCreated(take=13, source=DROP),
    TakeFailed(take=13, error="the file is cut off", name="shot_001_take_013.mp4", identity=DROP.identity),
    TakeAccepted(take=13, by="anna"),
    TakeCompleted(
        take=13,
        media=media(13),
        identity=DROP.identity,
        kept="copy",
        left=(Left(path="video/render.mp4"), Left(path="video/render.png", role="picture")),
    ),
    TakeMeasured(take=13, loudness=-23.1),
    SearchSaved(name="heroes", query="tag:hero rating:>3", by="anna"),
    SearchRemoved(name="heroes", by="jörg"),
    AccessGranted(person="anna@studio.example", role="artist", by="jörg"),
    AccessRevoked(person="anna@studio.example", by="jörg"),
)
"""One shot's stream in which every event there is happens."""


A_SEQUENCE: tuple[Event, ...] = (
    TakeCreated(
        take=3,
        source=Source(
            kind="drop",
            name="sea",
            identity=Identity(device=66, inode=4712, size=10_000, mtime_ns=2),
            is_folder=True,
            recipe="sea.json",
        ),
    ),
    TakeCompleted(
        take=3,
        media=Media(
            name="shot_002_take_003.frames",
            bytes=700,
            sha256="cd" * 32,
            kind="image",
            duration=0.417,
            width=1920,
            height=1080,
            frame_rate=24.0,
            codec="exr",
            frames=Frames(
                suffix=".exr",
                digits=4,
                first=1001,
                last=1010,
                count=7,
                bytes=10_000,
                poster=1006,
                missing=3,
                gaps=(Gap(first=1003, last=1004), Gap(first=1008, last=1008)),
            ),
        ),
    ),
)
"""What becomes of a folder of frames."""
