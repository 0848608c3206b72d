"""The client: puts one question to the daemon over its socket, and hands back the answer or the refusal.

HTTP as small as it gets, one connection for each question: http.client or asyncio alone would take a
third of the time that a person should wait for `takes ls`.
"""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from typing import Any

from daemon.peer import peer_uid
from events import NotFound, Refused, TakesError

Json = dict[str, Any]

PATIENCE = 30.0
"""Seconds until a daemon that says nothing counts as silent."""

_UNQUOTED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:")


class NoDaemon(TakesError):
    """Raised when nothing that is a daemon answers at the socket."""

    hint = (
        "`takes open` starts one, and `takes daemon` does so in this terminal; or say where it is with --socket or "
        "TAKES_SOCKET."
    )

    def __init__(self, path: str, reason: str = "") -> None:
        super().__init__(f"no daemon is answering at {path}" + (f": {reason}" if reason else ""))
        self.path = path


class NotOurs(NoDaemon):
    """Raised when whoever listens at the socket is another user; nothing was sent there."""

    hint = "Say where your own daemon is with --socket or TAKES_SOCKET, and remove that socket if you do not know it."

    def __init__(self, path: str, uid: int) -> None:
        super().__init__(path, f"that socket is another user's (uid {uid})")


class DaemonSilent(NoDaemon):
    """Raised when the daemon has taken the question and lets us wait for longer than is sensible."""

    hint = "It may be busy or stopped; its own log says more."

    def __init__(self, path: str) -> None:
        super().__init__(path, f"it took the question, and then said nothing for {PATIENCE:.0f} s")


class AnswerCutOff(NoDaemon):
    """Raised when the daemon goes away in the middle of its answer."""

    hint = "It was stopped or has crashed; start it again with `takes daemon` and see what has been done."

    def __init__(self, path: str) -> None:
        super().__init__(path, "it went away in the middle of its answer")


class StreamEnded(NoDaemon):
    """Raised when the daemon stops telling what happens."""

    def __init__(self, path: str, position: int) -> None:
        super().__init__(path, "it has stopped")
        self.hint = f"When it runs again, go on with `takes log --follow --after {position}`."


class NoName(TakesError):
    """Raised when a thing is to be asked for by a name that is empty: the address would be that of something else."""

    hint = "Write the name of what is meant; `takes COMMAND --help` says what a command is given."

    def __init__(self) -> None:
        super().__init__("a name is empty")


FOR_A_PERSON = {"urn:takes:bad-request": "`takes COMMAND --help` says what a command is given."}
"""The hint that a person needs where the daemon's is for a program."""


class ProblemAnswered(TakesError):
    """Raised when the daemon says no; `document` is the problem as it came (RFC 9457)."""

    def __init__(self, document: Json) -> None:
        super().__init__(str(document.get("detail") or document.get("title") or "the daemon gave no reason"))
        self.document = document
        self.hint = FOR_A_PERSON.get(str(document.get("type")), str(document.get("hint") or ""))
        self.candidates = document.get("candidates") or []


class NotFoundAnswered(ProblemAnswered, NotFound):
    """Raised when what was asked for does not exist."""


class RefusedAnswered(ProblemAnswered, Refused):
    """Raised when what was asked for exists and cannot be done now."""


PROBLEMS: dict[int, type[ProblemAnswered]] = {
    404: NotFoundAnswered,
    **dict.fromkeys((400, 409, 412, 422, 501, 503), RefusedAnswered),
}
"""Which error a status is; every other one is a plain ProblemAnswered."""


class Daemon:
    """The daemon that listens at that path. Every method may raise NoDaemon or ProblemAnswered."""

    def __init__(self, path: str) -> None:
        self.path = path

    def ask(
        self, method: str, target: str, body: Json | None = None, patience: float | None = PATIENCE
    ) -> Json:
        """Ask one question; the answer is the JSON object in reply, empty where there is none."""
        with self._exchange(_request(method, target, "application/json", body), patience) as pieces:
            answer = b"".join(pieces)
        return self._object(answer) if answer else {}

    def read(self, target: str) -> bytes:
        """The answer to a question as it is, for as long as the daemon takes."""
        with self._exchange(_request("GET", target, "*/*", None), None) as pieces:
            return b"".join(pieces)

    def lines(self, method: str, target: str, body: Json | None = None) -> Iterator[Json]:
        """Ask a question that is answered line by line (NDJSON), for as long as the daemon takes."""
        with self._exchange(_request(method, target, "application/x-ndjson", body), None) as pieces:
            for line in _lines(pieces):
                if line:
                    yield self._object(line)

    def follow(self, target: str, *, also_passing: bool = False) -> Iterator[Json]:
        """The events of an event stream, as they happen, until the daemon ends it.

        What passes and enters no log, such as how far a take is, comes only where it is asked for.
        """
        with self._exchange(_request("GET", target, "text/event-stream", None), None) as pieces:
            for id_, data in _server_sent_events(_lines(pieces)):
                if also_passing or id_:
                    yield self._object(data)

    @contextmanager
    def _exchange(self, request: bytes, patience: float | None) -> Iterator[Iterator[bytes]]:
        """Send the request; inside, the pieces of the body as they come in."""
        with self._connect(patience) as connection, connection.makefile("rb") as reader:
            try:
                connection.sendall(request)
                status, headers = self._head(reader)
                pieces = self._body(reader, headers)
                if status >= 300:
                    raise _problem(status, b"".join(pieces))
                yield pieces
            except TimeoutError:
                raise DaemonSilent(self.path) from None
            except ConnectionError:
                raise AnswerCutOff(self.path) from None

    def _connect(self, patience: float | None) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(patience)
        try:
            connection.connect(self.path)
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            raise NoDaemon(self.path) from None
        except OSError as error:
            connection.close()
            raise NoDaemon(self.path, error.strerror or str(error)) from error
        uid = peer_uid(connection)
        if uid not in (os.geteuid(), 0):
            connection.close()
            raise NotOurs(self.path, uid)
        return connection

    def _head(self, reader: BufferedReader) -> tuple[int, dict[bytes, bytes]]:
        version, _, rest = reader.readline().partition(b" ")
        if not version:
            raise AnswerCutOff(self.path)
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise NoDaemon(self.path, "something else listens there")
        headers = {}
        while line := reader.readline().strip():
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip().lower()
        return int(rest[:3]), headers

    def _body(self, reader: BufferedReader, headers: dict[bytes, bytes]) -> Iterator[bytes]:
        """The body in pieces: by chunk, which uvicorn sends even to who asks it not to; by length; or to the end."""
        if headers.get(b"transfer-encoding") == b"chunked":
            return self._chunks(reader)
        return self._rest(reader, int(headers.get(b"content-length", 0)))

    def _chunks(self, reader: BufferedReader) -> Iterator[bytes]:
        while line := reader.readline():
            size = int(line.partition(b";")[0], 16)
            if not size:
                return
            chunk = reader.read(size)
            yield chunk
            reader.readline()
        raise AnswerCutOff(self.path)

    def _rest(self, reader: BufferedReader, length: int) -> Iterator[bytes]:
        while piece := reader.read1(65536):
            length -= len(piece)
            yield piece
        if length > 0:
            raise AnswerCutOff(self.path)

    def _object(self, text: bytes) -> Json:
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise NoDaemon(self.path, "something else listens there")
        return answer


def api_path(*parts: str, **query: object) -> str:
    """The address of a thing in the API: quoted parts below /api, and a query without what is None. NoName."""
    if "" in parts:
        raise NoName
    asked = "&".join(f"{key}={_quote(str(value))}" for key, value in query.items() if value is not None)
    return "/".join(["/api", *map(_quote, parts)]) + (f"?{asked}" if asked else "")


def _request(method: str, target: str, accept: str, body: Json | None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = [
        f"{method} {target} HTTP/1.1",
        "Host: takes",
        "User-Agent: takes-cli",
        "Connection: close",
        f"Accept: {accept}",
        *(() if body is None else ("Content-Type: application/json", f"Content-Length: {len(content)}")),
    ]
    return "\r\n".join([*head, "", ""]).encode() + content


def _problem(status: int, body: bytes) -> ProblemAnswered:
    """The problem in an answer that is no success, whether or not it says so in JSON."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {
            "title": f"the daemon answered {status}",
            "detail": body.decode(errors="replace").strip()[:500],
        }
    return PROBLEMS.get(status, ProblemAnswered)({"status": status, **document})


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole)
    if rest:
        yield rest


def _server_sent_events(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The id and the data of each server-sent event; comments, which keep the line warm, are left out."""
    id_, data = b"", list[bytes]()
    for line in lines:
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"id":
            id_ = value
        elif not line and data:
            yield id_, b"\n".join(data)
            id_, data = b"", []


def _quote(text: str) -> str:
    return "".join(
        chr(byte) if byte in _UNQUOTED else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape")
    )
