"""A folder for guests, on the command line: the takes as a page that plays without a daemon, from a stick as well."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import click

from daemon.cli import progress
from daemon.cli.client import Json, NotFoundAnswered
from daemon.cli.humanize import count
from daemon.cli.main import FOUND_WRONG, Options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject
from daemon.edit.copying import NotCopied, copy
from daemon.http.page import load_page
from events import Refused
from projections.files.writing import write

SHARED = "/shared/"
SCRIPT = b'<script src="guest.js">'

PLAYED = {"h264", "vp8", "vp9", "av1", "mp3", "aac", "opus", "vorbis", "flac", "pcm_s16le"}
"""What browsers play as it is; of all else there is a proxy."""

PICTURE = 1280
"""Pixels that a picture is wide."""

FRAME = 1920
"""Pixels that a frame of a sequence is wide."""


class NoGuestPage(Refused):
    """Raised when the page that such a folder holds was never built."""

    hint = "Run `make page` in the checkout."

    def __init__(self) -> None:
        super().__init__("the page for guests is not built")


class _Copied(NamedTuple):
    """A file of the film that goes along, by its path there, and its hash."""

    path: str
    sha256: str


def write_page(options: Options, folder: str, part: str | None, *, only_active: bool) -> int:
    """Have the page in that folder, with the takes of a part of the film, and say what is not there."""
    project = options.choose_project()
    target = Path(folder).expanduser().resolve()
    _check_free(project, target)
    page = load_page()
    if f"{SHARED}guest.js" not in page:
        raise NoGuestPage
    shots = [_shot(project, target, one, only_active=only_active) for one in _meant(project, part)]
    shots = [(shot, files) for shot, files in shots if shot["takes"]]
    files = [file for _, some in shots for file in some]
    with progress.copying(len(files)) as tell:
        missing = copy(files, Path(project.facts["path"]), target, may_link=False, tell=tell)
    title = part or project.facts["name"]
    film = {"title": title, "until": "", "withNotes": True, "shots": [shot for shot, _ in shots]}
    write(target / "film.js", f"window.film = {json.dumps(film)}\n".encode())
    files_of_page = {
        path.removeprefix(SHARED): file for path, file in page.items() if path.startswith(SHARED)
    }
    html = files_of_page.pop("index.html").contents[""]
    for name, file in files_of_page.items():
        write(target / name, file.contents[""])
    write(target / "index.html", html.replace(SCRIPT, b'<script src="film.js"></script>\n    ' + SCRIPT))
    return _tell(options, target / "index.html", len(shots), missing)


def _check_free(project: ServedProject, target: Path) -> None:
    """UsageError where copies would lie in a film: what is called takes there is watched, and would become more takes."""
    for film in project.daemon.ask("GET", "/api/projects")["projects"]:
        if target.is_relative_to(Path(film["path"]).resolve()):
            raise click.UsageError(f"{target} is in the film {film['name']}: name a folder that is in none.")
    if target.exists() and any(target.iterdir()) and not (target / "film.js").exists():
        raise click.UsageError(f"{target} is not empty: name another folder.")


def _meant(project: ServedProject, part: str | None) -> Iterator[Json]:
    """The shots that are meant, in story order."""
    meant = project.part(part).replace(":", "/").strip("/") if part else ""
    for shot in project.ask("GET", "shots")["shots"]:
        path = str(shot["path"])
        if not meant or meant in (path, shot["shotId"]) or path.startswith(f"{meant}/"):
            yield shot


def _shot(
    project: ServedProject, target: Path, shot: Json, *, only_active: bool
) -> tuple[Json, list[_Copied]]:
    """A shot as the page has it, and the files that its takes have."""
    files, takes = list[_Copied](), list[Json]()
    for take in project.ask("GET", "shots", shot["id"], "takes")["takes"]:
        if take["status"] == "complete" and take["media"] and (take["active"] or not only_active):
            takes.append(_take(project, target, shot, take, files))
    return {"id": shot["id"], "name": shot["shotId"], "takes": takes, "notes": shot["notes"]}, files


def _take(project: ServedProject, target: Path, shot: Json, take: Json, files: list[_Copied]) -> Json:
    media, size = take["media"], take["resolution"] or {}
    folder, frames = f"{shot['path']}/takes/{take['id']}", media["frames"]
    picture = f"{folder}/picture.jpg"
    (target / folder).mkdir(parents=True, exist_ok=True)
    with suppress(NotFoundAnswered):  # some have none
        write(target / picture, _read(project, shot, take, "thumbnail", size=PICTURE))
    if frames:
        _write_frames(project, target / folder / "frames", shot, take)
    return {
        "id": take["id"],
        "number": take["number"],
        "active": take["active"],
        "created": take["created"],
        "kind": media["kind"],
        "codec": media["codec"],
        "duration": take["duration"],
        "rate": media["frameRate"],
        "width": size.get("width"),
        "height": size.get("height"),
        "frames": frames and {key: frames[key] for key in ("first", "last", "gaps")},
        "picture": quote(picture),
        "colour": take.get("colour"),
        "media": quote("" if frames else _file(project, target, folder, shot, take, files)),
        "proxy": None,
        "notes": take["notes"],
    }


def _write_frames(project: ServedProject, folder: Path, shot: Json, take: Json) -> None:
    """The frames of a sequence, each as a picture."""
    folder.mkdir(exist_ok=True)
    frames = take["media"]["frames"]
    numbers = range(frames["first"], frames["last"] + 1)
    with progress.making(take["id"]) as advance:
        for done, number in enumerate(numbers):
            advance({"fraction": done / len(numbers), "message": f"frame {number}"})
            with suppress(NotFoundAnswered):  # some are missing
                write(folder / f"{number}.jpg", _read(project, shot, take, f"frames/{number}", size=FRAME))


def _file(
    project: ServedProject, target: Path, folder: str, shot: Json, take: Json, files: list[_Copied]
) -> str:
    """Where what plays is in the folder: the take's file, which is copied later, or its proxy."""
    media = take["media"]
    if media["kind"] != "video" or media["codec"] in PLAYED:
        path = f"{folder}/{media['name']}"
        files.append(_Copied(path, media["sha256"]))
        return path
    path = f"{folder}/proxy.mp4"
    with progress.making(take["id"]) as advance:
        project.until_proxied(shot["id"], take["id"], advance)
    write(target / path, _read(project, shot, take, "proxy"))
    return path


def _read(project: ServedProject, shot: Json, take: Json, what: str, **query: object) -> bytes:
    return project.daemon.read(
        project.api_path("shots", shot["id"], "takes", take["id"], *what.split("/"), **query)
    )


def _tell(options: Options, page: Path, shots: int, missing: list[NotCopied]) -> int:
    if options.json:
        print_answer({"path": str(page), "shots": shots, "missing": [one.path for one in missing]})
    else:
        say(f"{page}: {count(shots, 'shot')}")
    for one in missing:
        say(f"  {one.path}: {one.reason}", err=True)
    return FOUND_WRONG if missing else 0
