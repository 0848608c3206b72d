"""The layout: what everything is called on disk, and what is ours there.

Pure text in, text out: nothing here looks at a disk.
"""

import re
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal["video", "image", "audio"]

OWN_FOLDER = ".takes"
"""Ours alone, in a project: its log, its index, its objects."""

TAKES = "takes"
ACTIVE = "active_take"
PROJECT_FILE = "project.json"
KEEP = ".gitkeep"
"""The empty file by which git keeps a shot's `takes/` that has nothing in it."""

THUMBNAIL = "_thumbnail.png"
SIDECAR = "_metadata.json"
RECIPE = "_recipe.json"
"""How the names of the files end that lie beside a take's media; before that stands what its media is called."""

FRAMES = ".frames"
"""How the name of the list of an image sequence's frames ends, which lies beside them."""

STILLS = frozenset({".exr", ".png", ".dpx", ".jpg", ".jpeg", ".tif", ".tiff"})
"""How the names of frames end."""

PICTURE, SILENT = "_recipe.png", "_silent"
"""How the names of a render's other files end: of the picture that holds its recipe, and of the video without sound."""

Role = Literal["picture", "silent"]
"""What a file is to the media that it came with."""

RECIPES = frozenset({".json", ".txt"})
"""How the names of recipes end that are dropped beside media."""

MEDIA: dict[str, Kind] = {
    **dict.fromkeys(
        (
            *(".mp4", ".mov", ".avi", ".webm", ".mkv", ".m4v", ".mxf", ".wmv", ".flv", ".dv"),
            *(".ts", ".m2ts", ".mts"),
        ),
        "video",
    ),
    **dict.fromkeys(
        (
            *(".png", ".jpg", ".jpeg", ".exr", ".dpx", ".jp2", ".j2k", ".webp", ".avif", ".tif", ".tiff"),
            ".gif",
        ),
        "image",
    ),
    **dict.fromkeys(
        (".wav", ".aif", ".aiff", ".aifc", ".mp3", ".flac", ".ogg", ".m4a", ".opus", ".aac"), "audio"
    ),
}
"""The extensions that can become a take, and the kind that they are taken for until somebody looks."""

_JUNK = re.compile(
    r"\..*|~.*|.*~|.*\.(tmp|temp|part|partial|crdownload|download|filepart|swp|lock)"
    r"|.*\.swarmpreview\..*|thumbs\.db|desktop\.ini|icon\r",
    re.IGNORECASE,
)
_PART = re.compile(
    r".*\.(f([0-9]{2,4}|hls|dash|https?)(-[a-z0-9_-]+)?\.(mp4|m4v|m4a|mkv|webm|mov|mp3|opus|ogg|aac)"
    rf"|(temp|tmp|part|partial|incomplete|unfinished|downloading)\.({'|'.join(one[1:] for one in MEDIA)}))",
    re.IGNORECASE,
)
_CONTROL = (".aria2", ".lftp-pget-status", ".st", ".ytdl")
_SET_ASIDE = re.compile(
    r"\..*|[#~]snapshot|@(recently-)?snapshots?|@gmt-.*|[#@]recycle|@eadir|@tmp|@sharebin|\$recycle\.bin"
    r"|(network )?recycle bin.*|trashbox|system volume information|lost\+found|found\.[0-9]{3}"
    r"|network trash folder|temporary items|__macosx",
    re.IGNORECASE,
)
_FRAME = re.compile(r"(.*?)([0-9]{1,9})_?(\.[A-Za-z]+)", re.DOTALL)
_LOOSE = re.compile(r"(.+)\.[0-9]{3,9}(\.[A-Za-z]+)")
_TAKE = re.compile(r"take_([0-9]{3,10})")
_COMPANION = re.compile(r".*take_[0-9]{3,10}_(recipe\.png|silent\.[a-z0-9]+)")
_NUMBER = re.compile(r"[0-9]+")

HIGHEST = 999_999_999
"""The highest number of a take folder made by hand. Those that we give go on past it, so no folder ends a shot."""


def take_name(number: int) -> str:
    """The id of a take, which is its folder's name: `take_007`, and `take_1000` past three digits."""
    return f"take_{number:03d}"


def take_number(name: str) -> int | None:
    """The number in a take's id; None for every other name, `take_0007`, `take_000` and eleven digits among them."""
    match = _TAKE.fullmatch(name)
    number = int(match[1]) if match else 0
    return number if number and take_name(number) == name else None


def takes_path(shot: str) -> str:
    """Where a shot's takes are, relative to the film, as all paths here."""
    return f"{shot}/{TAKES}"


def take_path(shot: str, number: int) -> str:
    """Where the folder of a take is: `shots/001_Dawn/takes/take_002`."""
    return f"{takes_path(shot)}/{take_name(number)}"


def media_path(shot: str, number: int, name: str) -> str:
    """Where a take's media is that is called so."""
    return f"{take_path(shot, number)}/{name}"


def beside(media: str, ending: str) -> str:
    """What a take's file of that ending is called, beside media of that name."""
    name = media.rpartition("/")[2]
    dot = name.rfind(".")
    return f"{name[:dot] if 0 < dot < len(name) - 1 else name}{ending}"


def shot_of_takes(path: str) -> str | None:
    """The shot whose takes are there, if that is the path of a shot's takes."""
    shot, _, name = path.rpartition("/")
    return shot if shot and name == TAKES else None


def shot_of_take(path: str) -> str | None:
    """The shot that a take is of, if that is the path of a take's folder."""
    takes, _, name = path.rpartition("/")
    return shot_of_takes(takes) if take_number(name) else None


def shot_above(path: str) -> str | None:
    """The shot in whose takes something lies, if that is the path of such a thing."""
    shot, below, _ = path.partition(f"/{TAKES}/")
    return shot if below else None


LONGEST_PREFIX = 200
"""Bytes of a folder's name, so that every file's name has room behind it in the 255 that a disk allows."""


def prefix(shot: str) -> str:
    """How the names of a shot's files begin: `shot_001` for `001_Dawn`, else the folder's name as far as it fits."""
    name = shot.rpartition("/")[2]
    number = _NUMBER.match(name)
    return f"shot_{number[0]}" if number else name.encode()[:LONGEST_PREFIX].decode(errors="ignore")


def media_name(shot: str, number: int, suffix: str) -> str:
    """What a take's media is called: `shot_001_take_002.mp4`; the suffix is kept in lower case."""
    return f"{prefix(shot)}_{take_name(number)}{suffix.lower()}"


def frame_name(prefix: str, number: int, digits: int, suffix: str) -> str:
    """What a frame is called: `shot_001_take_002.0101.exr`; before its number stands what its list is called."""
    return f"{prefix}.{number:0{digits}d}{suffix}"


def frame_of(name: str) -> tuple[str, str, str] | None:
    """What stands before a frame's number, its digits and its suffix in lower case; None where that is no frame's name."""
    match = _FRAME.fullmatch(name)
    return (match[1], match[2], match[3].lower()) if match and match[3].lower() in STILLS else None


def loose_frame(name: str) -> str | None:
    """What the sequence is called of which a file in `takes/` itself may be a frame: `sea.####.exr` for `sea.0101.exr`."""
    match = _LOOSE.fullmatch(name)
    return f"{match[1]}.####{match[2].lower()}" if match and match[2].lower() in STILLS else None


def list_of(frame: str) -> str:
    """What the list is called in which a frame of that name is, if it is one of a take's."""
    return f"{frame.rsplit('.', 2)[0]}{FRAMES}"


def is_named_for(name: str, shot: str, number: int) -> bool:
    """Whether a file's name begins with that of a take: `shot_001_take_002_00001_.mp4`, or `take_002.mp4`."""
    beginnings = (media_name(shot, number, ""), take_name(number))
    return any(name.startswith(one) and not name[len(one) :][:1].isdigit() for one in beginnings)


def sidecar_name(shot: str, number: int) -> str:
    """What a take's sidecar is called: `shot_001_take_002_metadata.json`."""
    return f"{prefix(shot)}_{take_name(number)}{SIDECAR}"


def thumbnail_name(shot: str, number: int) -> str:
    """What a take's thumbnail is called: `shot_001_take_002_thumbnail.png`."""
    return f"{prefix(shot)}_{take_name(number)}{THUMBNAIL}"


def is_picture(name: str) -> bool:
    """Whether that is what a take's thumbnail is called."""
    return name.endswith(THUMBNAIL)


def recipe_name(shot: str, number: int) -> str:
    """What a recipe that was dropped beside the media is called from then on; one that is no JSON keeps its ending."""
    return f"{prefix(shot)}_{take_name(number)}{RECIPE}"


def companion_name(shot: str, number: int, role: Role, suffix: str) -> str:
    """What a file is called that came of the same render as a take's media, from then on."""
    return media_name(shot, number, "") + (PICTURE if role == "picture" else f"{SILENT}{suffix.lower()}")


def companion_role(name: str) -> Role | None:
    """What a file of that name is to a take's media; None for every other name."""
    match = _COMPANION.fullmatch(name)
    return None if match is None else "picture" if match[1] == "recipe.png" else "silent"


def is_recipe(name: str) -> bool:
    """Whether a name may be that of a recipe."""
    return suffix_of(name) in RECIPES


def suffix_of(name: str) -> str:
    """What pathlib says that it is, in small letters, in a tenth of the time: thousands of files may lie in a shot."""
    name = name.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def recipes_of(media: str) -> list[str]:
    """What a recipe beside media of that name may be called, the strictest first."""
    stem = PurePosixPath(media).stem
    return [f"{stem}.swarm.json", f"{media}.json", f"{stem}.json", f"{media}.txt", f"{stem}.txt"]


def is_junk(name: str) -> bool:
    """Whether a name says that the file is no drop: hidden, temporary, half downloaded, or the desktop's own."""
    return _JUNK.fullmatch(name) is not None


def is_part(name: str) -> bool:
    """Whether a file is called like what is still to be put together, or written: `clip.f137.mp4`, `clip.tmp.png`."""
    return _PART.fullmatch(name) is not None


def downloaded_by(name: str) -> str | None:
    """The file that a downloader is still at, if that is the name of the file that it keeps beside it meanwhile."""
    return next((name.removesuffix(ending) for ending in _CONTROL if name.endswith(ending)), None)


def is_set_aside(path: str) -> bool:
    """Whether a folder is hidden, or a disk's own: a bin, snapshots, thumbnails. What lies in it is no part of the film."""
    return any(_SET_ASIDE.fullmatch(name) for name in path.split("/"))


def kind_of(name: str) -> Kind | None:
    """The kind of media that a name stands for; None where it is no media."""
    return MEDIA.get(suffix_of(name))


OBJECTS = f"{OWN_FOLDER}/objects"
"""Where all of them are, relative to the film."""

OBJECT_FIRST, OBJECT_REST = 2, 62
"""Letters of a hash that an object's folder is called by, and those behind them, which are the object's name."""


def object_path(sha256: str) -> str:
    """Where the bytes of that hash belong, relative to the film."""
    return f"{OBJECTS}/{sha256[:OBJECT_FIRST]}/{sha256[OBJECT_FIRST:]}"


def path_aside(sha256: str) -> str:
    """Where an object waits that is about to be removed, relative to the film."""
    return f"{OBJECTS}/{sha256[:OBJECT_FIRST]}/.{sha256[OBJECT_FIRST:]}.going.tmp"


def short_id(shot: str) -> str:
    """A shot's short id: its folder's name."""
    return shot.rpartition("/")[2]


def full_id(shot: str) -> str:
    """A shot's full id: its path with `:` for `/`, so that it fits into a URL."""
    return shot.replace("/", ":")


def slug(name: str) -> str:
    """A name as an id: lower-case letters and digits with dashes between."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "film"
