"""The API's upkeep: how a project is kept, what it takes up, and what mends it."""

from collections.abc import AsyncIterator

import msgspec
from litestar import get, post
from litestar.datastructures import State
from litestar.params import JSONBody
from litestar.response import Stream

from daemon.api.answers.operation import Operation, streamed
from daemon.api.answers.status import share_of, status_of
from daemon.api.parameters import Asked, CommandId, ProjectId
from daemon.api.shot_resource import asker
from daemon.api.views.space import (
    CleanupBody,
    CleanupView,
    DedupeBody,
    Deduped,
    UsageView,
    cleanup_view,
    dedupe_view,
    usage_view,
)
from daemon.api.views.status import StatusView
from daemon.api.views.upkeep import (
    DoctorView,
    Progress,
    RebuildBody,
    Rebuilt,
    Verdict,
    difference_views,
    doctor_view,
    verify_view,
)
from daemon.doctor import examine
from daemon.protection.dedupe import dedupe as share_bytes
from daemon.protection.verify import Checked, Verified, verify_media
from daemon.space.usage import usage_of


@get("/api/projects/{project_id:str}/status", summary="How a project is kept", tags=["Upkeep"])
async def show_status(state: State, project_id: ProjectId) -> StatusView:
    return await status_of(state.projects.find(project_id))


@get(
    "/api/projects/{project_id:str}/doctor",
    summary="Whether git and the codecs have what they need",
    tags=["Upkeep"],
)
async def show_doctor(state: State, project_id: ProjectId) -> DoctorView:
    project = state.projects.find(project_id)
    not_taken = project.parts.reconciler.notes.not_taken
    config, share = state.projects.config.git, share_of(project.parts)
    says = share.says if share else None
    checks = await examine(project.root, project.parts.index, not_taken, config, project.decoders, says)
    return doctor_view(checks)


@get("/api/projects/{project_id:str}/du", summary="What a project takes up on the disk", tags=["Upkeep"])
async def disk_usage(state: State, project_id: ProjectId) -> UsageView:
    project = state.projects.find(project_id)
    return usage_view(await usage_of(project.root, project.parts.index))


@post(
    "/api/projects/{project_id:str}/cleanup",
    summary="Purge the takes that are not worth their bytes any more",
    status_code=200,
    tags=["Upkeep"],
    operation=Operation(refuses=[409]),
)
async def clean_up(
    request: Asked,
    state: State,
    project_id: ProjectId,
    data: JSONBody[CleanupBody],
    command: CommandId = None,
) -> CleanupView:
    project, origin = state.projects.find_kept(project_id, data.command), asker(request, command)
    cleanup = project.parts.cleanup
    policy = data.policy or cleanup.policy
    if data.dry_run:
        return cleanup_view(await cleanup.plan(policy), dry_run=True)
    return cleanup_view(await cleanup.clean(policy, origin, data.plan), dry_run=False)


@post(
    "/api/projects/{project_id:str}/rebuild",
    summary="Make projections again, or compare them",
    status_code=200,
    tags=["Upkeep"],
)
async def rebuild(state: State, project_id: ProjectId, data: JSONBody[RebuildBody]) -> Rebuilt:
    projector = state.projects.find(project_id).parts.projector
    if data.verify:
        return Rebuilt(differences=difference_views(await projector.differences(data.name)))
    return Rebuilt(rebuilt=await projector.rebuild(data.name))


@post(
    "/api/projects/{project_id:str}/dedupe",
    summary="Have takes of the same bytes share them, or say which could",
    status_code=200,
    tags=["Upkeep"],
)
async def dedupe(state: State, project_id: ProjectId, data: JSONBody[DedupeBody]) -> Deduped:
    parts = state.projects.find_kept(project_id, data.command).parts
    found = await share_bytes(parts.restorer, parts.shots, dry_run=data.dry_run)
    return dedupe_view(found, dry_run=data.dry_run)


@post(
    "/api/projects/{project_id:str}/verify",
    summary="Check the log's chain and the media's hashes",
    status_code=200,
    tags=["Upkeep"],
    operation=Operation(
        answers={
            "200": {
                "description": "A line for each step, and the verdict in the last one.",
                "content": streamed("application/x-ndjson", Progress, Verdict),
            }
        }
    ),
)
async def verify(state: State, project_id: ProjectId) -> Stream:
    project = state.projects.find(project_id)
    parts = project.parts
    steps = verify_media(project.root, parts.log, parts.index, parts.restorer.store)
    return Stream(_lines(steps), media_type="application/x-ndjson")


async def _lines(steps: AsyncIterator[Checked | Verified]) -> AsyncIterator[bytes]:
    async for step in steps:
        yield msgspec.json.encode(verify_view(step)) + b"\n"
