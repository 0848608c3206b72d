"""Clients: what others make of the API's own description works, in TypeScript and in Python."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import hatch_build
from daemon.api.app import describe_api
from tests.support.deadline import DEADLINE
from tests.support.film import CODE, make_film, still, video
from tests.support.inside import running_daemon

TOOLS = CODE / "gallery" / "node_modules"

USE = """
import type { components, operations, paths } from './api'
type Schemas = components['schemas']

export const asked: Schemas['RequestBody'] = {
  generationParams: { prompt: 'the sea', seed: 7, ofItsOwn: { nested: [1, null, { deep: true }] } },
  quality: 'draft',
}
// @ts-expect-error a take is named, not numbered
export const wrong: Schemas['TakeBody'] = { takeId: 3 }

export type Listed = paths['/api/projects/{project_id}/shots']['get']['responses'][200]['content']['application/json']
export type Refused = operations['setActive']['responses'][409]['content']['application/problem+json']
export const active = (listed: Listed): (number | null)[] => listed.shots.map((shot) => shot.makingCount)
export const hint = (refused: Refused): string => refused.hint

export function told(event: Schemas['EventView']): string {
  if (event.data.type === 'take.completed') return event.data.media.sha256
  return event.data.type === 'shot.moved' ? event.data.path : event.type
}
"""

SUITS = """
content_type_overrides:
  application/x-ndjson: text/plain
  image/png: application/octet-stream
  image/jpeg: application/octet-stream
  video/mp4: application/octet-stream
  application/pdf: application/octet-stream
  "*/*": application/octet-stream
post_hooks: []
"""
"""What a maker of clients has to be told who knows no such files."""


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's own description, in a file."""
    path = tmp_path_factory.mktemp("clients") / "openapi.json"
    path.write_bytes(msgspec.json.encode(describe_api()))
    return path


@pytest.fixture(scope="module")
def client(description: Path) -> Iterator[Any]:
    """The package that openapi-python-client makes of it, without a word of complaint."""
    config, folder = description.with_name("config.yml"), description.parent
    config.write_text(SUITS)
    options = ("--path", description, "--config", config, "--output-path", folder / "made_client")
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--meta",
            "none",
            "--fail-on-warning",
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield importlib.import_module("made_client")


def operation(name: str) -> Any:
    """An operation of that client, such as `takes.set_active`."""
    return importlib.import_module(f"made_client.api.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module("made_client.models"), name)


def run_node(program: str, *args: str | Path) -> None:
    node = hatch_build.find_node()
    assert node is not None
    done = subprocess.run(
        [node.node, TOOLS / program, *args], capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_of_openapi_typescript_hold_and_say_what_can_be_asked(description: Path) -> None:
    types = description.with_name("api.ts")
    run_node("openapi-typescript/bin/cli.js", description, "--output", types)
    use = description.with_name("use.ts")
    use.write_text(USE)
    options = ("--strict", "--noEmit", "--target", "es2022", "--module", "esnext")
    alone = ("--lib", "es2022", "--skipLibCheck")  # nothing of a browser's is asked for
    run_node("typescript/bin/tsc", *options, *alone, "--moduleResolution", "bundler", types, use)


async def test_the_client_of_openapi_python_client_does_all_that_a_film_needs(
    client: Any, tmp_path: Path
) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        transport = httpx.AsyncHTTPTransport(uds=str(daemon.socket), verify=False)
        async with client.Client(base_url="http://takes", httpx_args={"transport": transport}) as us:
            film.drop(still(1), "a.png")
            film.drop(video(), "b.mp4")
            await daemon.finished(2)
            await daemon.at_rest()

            projects = await operation("projects.list_projects").asyncio(client=us)
            assert [one.id for one in projects.projects] == ["myfilm"]
            shot = ("myfilm", "001_Dawn")
            takes = await operation("takes.list_takes").asyncio(*shot, client=us)
            assert {one.media.kind for one in takes.takes} == {"image", "video"}

            body = model("TakeBody")(take_id="take_002")
            chosen = await operation("takes.set_active").asyncio(*shot, client=us, body=body)
            assert (chosen.id, chosen.active) == ("take_002", True)
            hidden = await operation("takes.delete_take").asyncio(*shot, "take_001", client=us)
            assert hidden.deleted
            refused = await operation("takes.set_active").asyncio(
                *shot, client=us, body=model("TakeBody")(take_id="take_009")
            )
            assert (refused.status, bool(refused.hint)) == (404, True)

            params = model("RequestBodyGenerationParams").from_dict({"prompt": "the sea", "own": [{"a": 1}]})
            asked = await operation("takes.new_take").asyncio(
                *shot, client=us, body=model("RequestBody")(generation_params=params)
            )
            assert (asked.take_id, asked.status) == ("take_003", "queued")

            events = await operation("log.list_events").asyncio("myfilm", client=us)
            made = [one.data for one in events.events if one.type_ == "take.completed"]
            assert {one.media.sha256 for one in made} == {one.media.sha256 for one in takes.takes}

            picture = await operation("takes.show_thumbnail").asyncio(*shot, "take_002", client=us)
            assert picture.payload.read().startswith(b"\x89PNG")
            await check_upkeep(us)


async def check_upkeep(us: Any) -> None:
    """What is asked for about the film as a whole is answered as the description has it."""
    for name in ("show_status", "show_doctor", "disk_usage"):
        told = await operation(f"upkeep.{name}").asyncio("myfilm", client=us)
        assert type(told).__name__ in {"StatusView", "DoctorView", "UsageView"}
    verified = await operation("upkeep.verify").asyncio("myfilm", client=us)
    assert json.loads(verified.splitlines()[-1])["ok"]
    assert "takes_bytes_total" in await operation("upkeep.show_metrics").asyncio(client=us)
