"""The types of the API in TypeScript: `src/lib/types.ts` is written from what the API says of itself.

`make types` writes it, and `make lint` fails where it is not what would be written.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

from daemon.api.app import describe_api

Json = Mapping[str, Any]

TYPES = Path(__file__).parent / "src" / "lib" / "types.ts"

ROOTS = (
    "ProjectList",
    "ShotList",
    "TakeList",
    "FoundList",
    "QueuedTake",
    "ProxyView",
    "StatusView",
    "UsageView",
    "CleanupView",
    "EventView",
    "LogView",
    "ProgressView",
    "ProblemDetails",
    "TakeBody",
    "RequestBody",
    "CleanupBody",
    "JudgeTakesBody",
    "JudgeFilmBody",
    "JudgeShotBody",
    "NoteStateBody",
    "EventList",
    "FilesBody",
    "BroughtList",
    "UploadBody",
    "UploadView",
    "GuestFilm",
    "NewShotBody",
    "NewShot",
    "AgainBody",
    "MomentView",
    "SearchList",
    "SearchBody",
)
"""What the page asks, is answered and hears; the shapes that these have in them come along."""

NAMES = {
    "StatusView": "ProjectStatus",
    "CleanupView": "CleanupPlan",
    "EventView": "LogEvent",
    "LogView": "LogOpened",
    "ProxyView": "ProxyAnswer",
    "AskerView": "Asker",
    "UploadView": "UploadPlan",
}
"""What the page calls a shape, where that is not the API's name without `View`."""

ALIASES = {
    "ProjectState": ("ProjectView", "state"),
    "Status": ("TakeView", "status"),
    "Stage": ("TakeView", "stage"),
    "Quality": ("RequestBody", "quality"),
    "Params": ("TakeView", "generationParams"),
    "EventType": ("EventView", "data"),
    "Mark": ("TakeView", "mark"),
    "NoteState": ("NoteView", "state"),
}
"""Types that the page speaks of, and the field that has each; null is left out."""

HEAD = (
    "/** The shapes of the daemon's API, as its own description has them: `make types` writes this file. */\n"
)
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}
NULL = {"type": "null"}
WIDTH = 120


def typescript(schemas: Json) -> str:
    """The module: what the roots are and have in them, each shape before those that it has in it."""
    aliases = {_named(schemas[shape]["properties"][field]): name for name, (shape, field) in ALIASES.items()}
    shapes = list(_reached(schemas, ROOTS))
    names = [*aliases.values(), *map(_name, shapes)]
    if len(set(names)) < len(names):
        raise ValueError(f"two of these would have one name: {sorted(names)}")
    told = [_alias(name, type_) for type_, name in aliases.items()]
    return "\n".join([HEAD, "".join(told), *(_interface(name, schemas[name], aliases) for name in shapes)])


def _alias(name: str, type_: str) -> str:
    line = f"export type {name} = {type_}\n"
    return line if len(line) <= WIDTH else line.replace("= ", "=\n  | ").replace("' | '", "'\n  | '")


def _reached(schemas: Json, roots: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(reversed(roots))
    while waiting:
        if (name := waiting.pop()) not in seen:
            seen.add(name)
            yield name
            waiting += reversed(
                [one for field in schemas[name]["properties"].values() for one in _refs(field)]
            )


def _refs(schema: Any) -> Iterator[str]:
    """The shapes that a field is of; of events, which are told apart by a tag, none."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    elif "discriminator" not in schema:
        values = schema.get("additionalProperties") or {}
        within = [schema["items"]] if "items" in schema else [values] if "type" in values else []
        parts = schema.get("anyOf", within)
        yield from (ref for part in parts for ref in _refs(part))


def _name(shape: str) -> str:
    return NAMES.get(shape, shape.removesuffix("View"))


def _interface(shape: str, schema: Json, aliases: Mapping[str, str]) -> str:
    fields = [
        f"  {field}{'' if field in schema['required'] else '?'}: {_type(of, aliases)}\n"
        for field, of in schema["properties"].items()
    ]
    return f"{_comment(schema['description'])}export interface {_name(shape)} {{\n{''.join(fields)}}}\n"


def _comment(description: str) -> str:
    """What a class says of itself, with the names that its fields have in JSON."""
    first, _, rest = description.partition("\n")
    text = re.sub(r"`[a-z_]+`", lambda name: _camel(name[0]), f"{first}\n{dedent(rest)}".strip())
    lines = [f" * {line}".rstrip() for line in text.split("\n")]
    return "\n".join(["/**", *lines, " */\n"]) if len(lines) > 1 else f"/** {text} */\n"


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)


def _named(schema: Json) -> str:
    """What of a field's type has a name of its own: the tags where it is one of several shapes; null is left out."""
    if "discriminator" in schema:
        return _tags(schema["discriminator"])
    return _type(schema, {}).removesuffix(" | null")


def _type(schema: Json, aliases: Mapping[str, str]) -> str:
    if "discriminator" in schema:
        return _tagged(schema["discriminator"], aliases)
    parts = schema.get("anyOf", [schema])
    told = " | ".join(_single(one, aliases) for one in parts if one != NULL)
    told = aliases.get(told, told)
    return f"{told} | null" if NULL in parts else told


def _tagged(discriminator: Json, aliases: Mapping[str, str]) -> str:
    """One of several shapes, of which its tag is known and the rest is to be looked at with care."""
    tags = _tags(discriminator)
    return f"{{ {discriminator['propertyName']}: {aliases.get(tags, tags)}; [field: string]: unknown }}"


def _tags(discriminator: Json) -> str:
    return " | ".join(f"'{tag}'" for tag in discriminator["mapping"])


def _single(schema: Json, aliases: Mapping[str, str]) -> str:
    match schema:
        case {"$ref": ref}:
            return _name(ref.rpartition("/")[2])
        case {"enum": values}:
            return " | ".join(f"'{value}'" for value in values)
        case {"type": "array", "items": items}:
            of = _type(items, aliases)
            return f"({of})[]" if " " in of else f"{of}[]"
        case {"type": "object"}:
            return f"Record<string, {_values(schema, aliases)}>"
        case {"type": kind}:
            return PLAIN[kind]
    raise NotImplementedError(schema)


def _values(schema: Json, aliases: Mapping[str, str]) -> str:
    """What a map has in it; that of parameters is anything, since whole numbers of any size are kept whole."""
    of = schema.get("additionalProperties", {})
    return _type(of, aliases) if "type" in of else "unknown"


def main(args: Sequence[str]) -> int:
    """Write the types, or with `--check` say whether they are as they would be written; the exit code."""
    wanted = typescript(describe_api()["components"]["schemas"])
    if "--check" not in args:
        TYPES.write_text(wanted, "utf-8")
    elif TYPES.read_text("utf-8") != wanted:
        print(f"{TYPES} is not what the API says of itself. Write it anew: make types", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
