"""The page: the gallery's page as the build left it, and short answers in plain HTML for a person at a browser."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from msgspec import Struct

from daemon.api.answers.files import FOR_EVER

BUILT = Path(__file__).parent.parent / "page"
"""Where the build puts the page."""

ENCODINGS = {"gzip": ".gz"}
"""How a file may be compressed, and what the name of the compressed one ends in."""

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: nothing but what came with it, and this daemon."""

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
"""A script that stands in the page itself."""

_STYLE = (
    "body{display:grid;place-content:center;min-height:90vh;margin:0;padding:0 1rem;text-align:center;"
    "font:.875rem/1.5 system-ui,sans-serif;background:light-dark(#f0f0f0,#0f0f0f);color:light-dark(#4d4d4d,#afafaf)}"
    "h1{margin:0;font-size:1.375rem;font-weight:600;color:light-dark(#171717,#ededed)}p{max-width:32rem}"
    "code{padding:.1rem .4rem;border:1px solid light-dark(#d7d7d7,#2f2f2f);border-radius:4px;color:light-dark(#171717,#ededed)}"
)


def _source(content: bytes) -> str:
    """What a policy calls a script or a style that stands in a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"


NOTE_POLICY = (
    f"default-src 'none'; style-src {_source(_STYLE.encode())}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Answer(Struct, frozen=True, kw_only=True):
    """What is sent back as it is."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class File(Struct, frozen=True, kw_only=True):
    """One file of the page: its content by encoding, plain under `""`."""

    kind: str
    cache: str
    tag: str
    policy: str
    contents: Mapping[str, bytes]


Page = Mapping[str, File]
"""The files of the page, by the path of a request. There is no other file that a request could reach."""


def load_page(folder: Path = BUILT) -> Page:
    """The page in that folder, read once, so that it stays the one that fits this daemon; empty where none was built."""
    if not (folder / "index.html").is_file():
        return {}
    files = [path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file()]
    page = {f"/{path.relative_to(folder).as_posix()}": _load(path, folder) for path in files}
    return {**page, "/": page["/index.html"]}


def _load(path: Path, folder: Path) -> File:
    content = path.read_bytes()
    packed = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS.items()}
    contents = {name: other.read_bytes() for name, other in packed.items() if other.is_file()}
    has_hash = path.relative_to(folder).parts[0] == "assets"
    return File(
        kind=KINDS[path.suffix],
        cache=FOR_EVER if has_hash else "no-cache",
        tag=hashlib.sha256(content).hexdigest()[:32],
        policy=_policy(content) if path.suffix == ".html" else POLICY,
        contents={**contents, "": content},
    )


def _policy(page: bytes) -> str:
    """What that page may do: the scripts that stand in it came with it."""
    own = "".join(f" {_source(script)}" for script in _SCRIPT.findall(page))
    return POLICY.replace("script-src 'self'", f"script-src 'self'{own}")


def show(file: File, accepted: str, known: str) -> Answer:
    """The file in the best encoding that is accepted, or 304 where its tag is among those that are known."""
    encoding = _encoding(file, accepted)
    tag = f'"{file.tag}{encoding and "-"}{encoding}"'
    headers = {
        "Cache-Control": file.cache,
        "Content-Security-Policy": file.policy,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if _is_known(tag, known):
        return Answer(status=304, headers=headers)
    headers["Content-Type"] = file.kind
    if encoding:
        headers["Content-Encoding"] = encoding
    return Answer(status=200, headers=headers, body=file.contents[encoding])


def _encoding(file: File, accepted: str) -> str:
    wanted = {one.partition(";")[0].strip() for one in accepted.split(",") if "q=0" not in one.split(";")[1:]}
    return next((name for name in ENCODINGS if name in wanted and name in file.contents), "")


def _is_known(tag: str, known: str) -> bool:
    return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}


def _with_code(text: str) -> str:
    """What stands between backticks, as what is typed."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def note(
    status: int, title: str, text: str, *, then: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """A page of a sentence or two; with `then`, the browser goes on to there at once."""
    onward = f'<meta http-equiv="refresh" content="0; url={escape(then)}">' if then else ""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"{onward}<title>takes: {escape(title)}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(title)}</h1><p>{_with_code(text)}</p></main></html>\n"
    )
    own = {
        "Content-Type": KINDS[".html"],
        "Content-Security-Policy": NOTE_POLICY,
        "Cache-Control": "no-store",
    }
    return Answer(status=status, headers={**own, **(headers or {})}, body=body.encode())
