"""The schema: what the API says of itself, with every answer that a route may give (OpenAPI).

The framework writes down what the routes' signatures say. What many of them have in common is added here by
rule, what one of them has for itself it says itself; the shapes of bodies come from the classes that make them.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from types import ModuleType
from typing import Any, get_args

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from daemon.api.answers.operation import LENGTH, Json, Operation, ref
from daemon.api.answers.problems import FieldError, ProblemDetails
from daemon.api.new_take import KNOWN
from daemon.api.views import (
    bringing,
    changes,
    found,
    guests,
    handover,
    judging,
    log,
    media,
    projects,
    space,
    status,
    takes,
    upkeep,
)
from events import AnyEvent
from projections.recipes.plain import DEEPEST, LARGEST, SMALLEST

ABOUT = """\
Takes for generated film. The same API answers at two doors: a Unix socket that only its owner can open and, with \
`takes daemon --port`, a port of this machine that asks for a token.

A shot is named by its folder's name, or by its path in the project with `:` for `/`. What changes a shot may bring \
the `ETag` that the decision rests on as `If-Match`, and a key of the client's own as `Idempotency-Key`. Every \
refusal is a problem (RFC 9457) with a hint for a person."""

TAGS = {
    "Projects": "The films that are kept.",
    "Shots": "The folders of a film that hold takes.",
    "Takes": "What was recorded of a shot, and which of it is used.",
    "Log": "Everything that ever happened, and what happens now.",
    "People": "Who asks, and who may do what with a film by the hub.",
    "Upkeep": "Whether all is well, and what mends it.",
}

SECURITY = {
    "token": SecurityScheme(
        type="http",
        scheme="bearer",
        description="At the port: the content of the file that `GET /api/health` names.",
    ),
    "cookie": SecurityScheme(
        type="apiKey",
        security_scheme_in="cookie",
        name="takes-PORT",
        description="At the port: what `takes open` gives to a browser. PORT is the port's number.",
    ),
}

TAKE_ID: Json = {"pattern": "^take_(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,8})$", "examples": ["take_003"]}

SPELLED: Mapping[str, Json] = {
    "project_id": {"examples": ["myfilm"]},
    "shot_id": {"examples": ["001_Dawn", "01_Chapter:01_Scene:001_Dawn"]},
    "take_id": TAKE_ID,
    "upload_id": {"pattern": bringing.UPLOAD_ID, "examples": ["5b0c0a5e-2f5f-4a3e"]},
    "path": {"examples": ["gulls.mp4"]},
    "Idempotency-Key": {"pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
}
"""How it is written, by the name of the parameter."""

VALUE: Json = {
    "description": f"A parameter of some tool's own, of any kind: nested at most {DEEPEST} levels deep, with numbers"
    f" from {SMALLEST} to {LARGEST}."
}
"""Any other parameter. Nothing is said of what is nested in it: a type that refers to itself defeats those who make clients."""

REFUSALS = {
    400: "The request cannot be understood; `errors` has the fields that are wrong.",
    401: "At the port: neither the token nor the cookie came along.",
    403: "The request comes from another page, or from a browser at the socket.",
    404: "It is not there.",
    409: "It cannot be done as things are; or a short id is that of several shots, and `candidates` has the full ones.",
    412: "The shot is at another version by now.",
    413: "The body is too large.",
    416: "The media has no such bytes.",
    421: "The request names another host.",
    422: "The folder cannot be a project, what is said cannot be kept, or what is brought can be no take.",
    431: "At the port: the head of the request is too large.",
    503: "The project is away for now.",
}


def config(version: str, routes: Iterable[HTTPRouteHandler]) -> OpenAPIConfig:
    """How the framework is to write the schema of those routes down, and where it is shown."""
    return OpenAPIConfig(
        title="takes",
        version=version,
        description=ABOUT,
        license=License(name="MIT", identifier="MIT"),
        tags=[Tag(name, description) for name, description in TAGS.items()],
        components=Components(security_schemes=dict(SECURITY)),
        security=[{"token": []}, {"cookie": []}, {}],  # the socket asks for nothing
        operation_id_creator=lambda handler, _method, _path: _name(handler),
        path="/schema",
        render_plugins=[_Shown(routes)],
    )


class _Shown(JsonRenderPlugin):
    """Shows the schema of those routes once it says everything."""

    def __init__(self, routes: Iterable[HTTPRouteHandler]) -> None:
        super().__init__(path=["/", "/openapi.json"])
        self._routes = routes

    def render(self, request: Any, openapi_schema: Json) -> bytes:
        return super().render(request, completed(openapi_schema, self._routes))


def completed(schema: Json, routes: Iterable[HTTPRouteHandler]) -> Json:
    """The schema with what the framework cannot know."""
    schema, shapes = deepcopy(schema), _shapes()
    said = {_name(route): route.opt.get("operation", Operation()) for route in routes}
    for path, operation in _operations(schema):
        own = said[operation["operationId"]]
        operation["tags"] = operation.pop("tags")  # behind the rest, where it always was
        if parameters := [*map(_as_sent, operation.get("parameters", [])), *own.reads]:
            operation["parameters"] = parameters
        if own.body:
            operation["requestBody"] = own.body
        refusals = {*_refusals(path, operation), *own.refuses}
        responses = operation["responses"] | {str(one): _refused(one) for one in refusals}
        for code, more in own.answers.items():
            responses[code] = responses.get(code, {}) | more
        operation["responses"] = {code: _said(responses[code], shapes) for code in sorted(responses)}
    schema["components"]["schemas"] |= shapes
    schema["components"]["responses"] = {f"Refused{status}": _refusal(status) for status in REFUSALS}
    return schema


def _operations(schema: Json) -> Iterator[tuple[str, Json]]:
    for path, item in schema["paths"].items():
        yield from ((path, operation) for operation in item.values())


def _as_sent(parameter: Json) -> Json:
    """The parameter as it can be sent: left out, it is null; null cannot be written."""
    schema = parameter["schema"]
    kinds = [one for one in schema.pop("oneOf", []) if one != {"type": "null"}]
    more = SPELLED.get(parameter["name"], {})
    return parameter | {"schema": {**schema, **(kinds[0] if kinds else {}), **more}}


def _refusals(path: str, operation: Json) -> Iterator[int]:
    """The statuses with which any operation of that kind may be refused."""
    names = {one["name"] for one in operation.get("parameters", [])}
    has_body = "requestBody" in operation
    yield from (401, 403, 421, 431)
    if names or has_body:
        yield 400
    if "project_id" in names:
        yield 404
    if "{project_id}/" in path:
        yield 503
    if names & {"shot_id", "shot"}:
        yield 409
    if "If-Match" in names:
        yield 412
    if has_body:
        yield 413
    if "Takes-By" in names:
        yield 422
    if "Range" in names:
        yield 416


def _refused(status: int) -> Json:
    return {"$ref": f"#/components/responses/Refused{status}"}


def _refusal(status: int) -> Json:
    content = {"application/problem+json": {"schema": ref(ProblemDetails)}}
    more = {"headers": LENGTH} if status == 416 else {}
    return {"description": REFUSALS[status], "content": content, **more}


def _said(response: Json, shapes: Json) -> Json:
    """The response, with what its JSON is as its description."""
    ref = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    shape = shapes.get(ref.rpartition("/")[2])
    return response | {"description": shape["description"]} if shape else response


def _shapes() -> Json:
    """What all bodies look like, by the names of their classes."""
    bodies = [
        *_bodies(projects, media, takes, found, judging, log),
        ProblemDetails,
        FieldError,
        *_bodies(bringing, changes, guests, handover, status, space, upkeep),
    ]
    kinds = [*bodies, AnyEvent]
    schemas, shapes = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    for answer in bodies:
        if shapes[answer.__name__].get("additionalProperties", True):
            shapes[answer.__name__]["required"] = _always_there(answer)
    shapes["EventView"]["properties"]["data"] = schemas[-1]
    shapes["PathBody"]["properties"]["path"]["pattern"] = "^/"
    shapes["RendersBody"]["properties"]["folder"]["pattern"] = "^/"
    shapes["FilesBody"]["properties"]["paths"]["items"]["pattern"] = "^/"
    shapes["TakeBody"]["properties"]["takeId"] |= TAKE_ID
    for name in ("JudgeTakesBody", "TakesOfShotBody"):
        shapes[name]["properties"]["takeIds"]["items"] |= TAKE_ID
    shapes["RequestBody"]["properties"]["generationParams"] |= _known_params()
    return {**shapes, "Value": VALUE}


def _always_there(answer: type) -> list[str]:
    """The fields that an answer has each time, also where they have a default."""
    fields = msgspec.structs.fields(answer)
    return [field.encode_name for field in fields if msgspec.UnsetType not in get_args(field.type)]


def _bodies(*modules: ModuleType) -> list[type]:
    return [
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__
    ]


def _known_params() -> Json:
    known = {name: msgspec.json.schema(kind) for name, kind in KNOWN.items()}
    known["seed"]["maximum"] = LARGEST
    return {"properties": known, "additionalProperties": {"$ref": "#/components/schemas/Value"}}


def _name(route: HTTPRouteHandler) -> str:
    """What an operation is called: as its route is, in camelCase."""
    first, *rest = route.handler_name.split("_")
    return first + "".join(map(str.capitalize, rest))
