"""Operations: what a route says of itself that its signature cannot, for the schema (OpenAPI)."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

Json = dict[str, Any]


class Operation(Struct, frozen=True):
    """What a route reads from the request by itself, `body` among it, answers beyond its signature's JSON, and refuses.

    Answers and refusals are by their status; what all routes of a kind refuse is known without it.
    """

    reads: Sequence[Json] = ()
    body: Json | None = None
    answers: Mapping[str, Json] = {}
    refuses: Sequence[int] = ()


def ref(kind: type) -> Json:
    """Where the shape of those bodies stands."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def text(description: str, **more: Any) -> Json:
    """A header that is sent, or comes back."""
    return {"description": description, "schema": {"type": "string"}, **more}


def header(name: str, description: str) -> Json:
    """A header that a request may have."""
    return {"name": name, "in": "header", "required": False, **text(description)}


IF_NONE_MATCH = header("If-None-Match", "the ETags of what the client has")
RANGE = (header("Range", "one range of bytes"), header("If-Range", "the ETag of what it is a range of"))

BYTES: Json = {"schema": {"type": "string", "format": "binary"}}
"""What a file's content is to those who make clients."""

ETAG = {"ETag": text("What `If-Match` and `If-None-Match` take.", required=True)}
LOCATION = {"Location": text("Where the take is.", required=True)}
LENGTH = {"Content-Range": text("Which bytes of how many.", required=True)}

VERSIONED = Operation(answers={"200": {"headers": ETAG}})
"""Answers with the version of the shot."""


def as_json(kind: type) -> Json:
    """JSON of that kind."""
    return {"application/json": {"schema": ref(kind)}}


def streamed(media_type: str, *kinds: type) -> Json:
    """Text in which JSON of those kinds comes piece by piece."""
    each = {"anyOf": [ref(kind) for kind in kinds]}
    return {media_type: {"schema": {"type": "string", "contentMediaType": media_type, "contentSchema": each}}}


def a_file(description: str, *media_types: str) -> Json:
    """A file, unless the client has it."""
    content: Json = dict.fromkeys(media_types, BYTES)
    return {
        "200": {"description": description, "headers": ETAG, "content": content},
        "304": {"description": "The client has it already.", "headers": ETAG},
    }


def a_part(media_type: str) -> Json:
    """A range of a file."""
    headers = {**ETAG, **LENGTH}
    return {"206": {"description": "A part of it.", "headers": headers, "content": {media_type: BYTES}}}
