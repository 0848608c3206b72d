"""The daemon's life: open the projects, serve, and leave cleanly when told to."""

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
import structlog

from daemon import locations
from daemon.api.app import build_app
from daemon.api.shot_resource import KnownLists
from daemon.config.file import load_config
from daemon.config.policies import Policies
from daemon.config.table import Config, RunnerConfig, Share
from daemon.decoding.decoders import open_decoders
from daemon.disk.leases import ignore_lease_breaks
from daemon.home.holding import NoSuchFolder, NotAProject, locked
from daemon.home.home import find_home
from daemon.http.access import AccessMiddleware
from daemon.http.gallery import Gallery, open_gallery
from daemon.http.hub import Hub, open_hub
from daemon.http.server import build_server
from daemon.http.sockets import bind
from daemon.logs.setup import configure
from daemon.printable import blanked
from daemon.programs.program import LEASHES
from daemon.project.links import Links
from daemon.project.parts import Shared
from daemon.project.projects import Projects
from daemon.reloading import Reloader
from daemon.runners.runner import Runner
from daemon.shares import Shares
from daemon.supervision.supervisor import Supervisor, met
from daemon.supervision.watchdog import supervised
from events import TakesError
from events.errors import flatten
from projections.files.threads import in_thread
from projections.layout import OWN_FOLDER
from projections.memory import give_back_large_blocks

log = structlog.get_logger()

GRACE = 20.0
"""Seconds in which the daemon leaves cleanly when it is told to stop."""


async def run(
    roots: list[Path],
    config: Config,
    runner: Runner | None,
    listener: socket.socket,
    gallery: Gallery | None,
    hub: Hub | None,
    follows: bool,  # noqa: FBT001 - anyio.run passes no names
    supervisor: Supervisor,
) -> None:
    """Keep the projects and serve until SIGTERM or SIGINT; `follows` says that they are those of the registry."""
    async with open_decoders(config.parallel) as decoders:
        policies = Policies(config)
        shared = Shared(policies, decoders, runner, anyio.Semaphore(config.runner.parallel))
        async with (
            serving(roots, shared, listener, gallery, hub) as projects,
            supervised(supervisor, projects),
        ):
            gc.freeze()  # what start-up made stays; later collections need not look at it
            gc.enable()
            await _until_told_to_stop(Reloader(projects, policies, follows=follows))
            _leave_at_last()
    log.info("stopped")


async def _until_told_to_stop(reloader: Reloader) -> None:
    """Reload at every SIGHUP, but for the one by which a terminal takes its programs along as it closes."""
    had_terminal = _has_terminal()
    told = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # so nohup has it
        told.append(signal.SIGHUP)
    with anyio.open_signal_receiver(*told) as signals:
        async with anyio.create_task_group() as group:
            async for received in signals:
                if received != signal.SIGHUP or (had_terminal and not _has_terminal()):
                    log.info("stopping", signal=received.name)
                    break
                group.start_soon(reloader.reload)
            group.cancel_scope.cancel()


def _has_terminal() -> bool:
    """Whether there is a terminal that this process belongs to, and it has not been closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


@asynccontextmanager
async def serving(
    roots: list[Path],
    shared: Shared,
    listener: socket.socket,
    gallery: Gallery | None = None,
    hub: Hub | None = None,
    build: Callable[..., Any] = build_app,
) -> AsyncIterator[Projects]:
    """Keep the projects and answer for them, for as long as this is entered; `build` makes the application."""
    async with anyio.create_task_group() as group:
        projects = Projects(shared, group)
        for root in roots:
            await projects.open(root)
        view, address = gallery.view if gallery else None, hub.url if hub else None
        links = Links(projects, Shares(), is_hub=hub is not None)
        # Litestar looks for libraries on the disk
        app = await in_thread(partial(build, projects, view, address, links))
        door, guests = (gallery.door, gallery.guests(app, projects, links)) if gallery else (None, None)
        at_hub = (hub.door, hub.guests(app, projects, links)) if hub else (None, None)
        gate = AccessMiddleware(app, door, guests, *at_hub)
        server = build_server(gate, KnownLists(projects).answer)
        ports = [one.listener if one else None for one in (gallery, hub)]
        await group.start(partial(server.run_on, listener, ports[0], hub=ports[1]))
        log.info("listening", socket=listener.getsockname(), projects=len(roots), pid=os.getpid())
        if gallery:
            log.info("gallery", port=gallery.view.port, has_page=bool(gallery.page), see="takes open")
        if hub:
            log.info("hub", url=hub.url, at=hub.listener.getsockname(), secret=hub.secret_file)
        try:
            yield projects
        finally:
            projects.say_goodbye()
            server.leave()
            with anyio.CancelScope(shield=True):
                await server.ended.wait()
            group.cancel_scope.cancel()


def main(
    projects: list[Path], path: Path | None, log_format: str, port: int | Literal["off"] | None = None
) -> int:
    """Run the daemon at that socket, with the gallery at that port; the exit code."""
    configure(log_format)
    give_back_large_blocks()
    ignore_lease_breaks()
    code = 0
    try:
        supervisor = met()  # before any process could inherit what it has handed over
        LEASHES.begin()  # while no file is open
        config = load_config(Path(locations.config_path()))
        configure(log_format, config.log_level)
        runner = runner_of(config.runner)
        named = [_known_project(path, share=config.share) for path in projects]
        # one that is away is waited for
        roots = named or [Path(path) for path in locations.registered_projects()]
        path = (path or Path(locations.socket_path())).absolute()
        with (
            bind(path, supervisor.listener) as listener,
            open_gallery(config.port if port is None else port, path) as gallery,
            open_hub(config.hub) as hub,
        ):
            anyio.run(
                run,
                roots,
                config,
                runner,
                listener,
                gallery,
                hub,
                not named,
                supervisor,
                backend_options={"use_uvloop": True},
            )
    except* TakesError as group:  # any other error goes on, with its traceback
        _complain(group)
        code = 1
    return code


def _leave_at_last() -> None:
    """End the process in a while, though a disk never answers: all that was acknowledged is in the log."""
    timer = threading.Timer(GRACE, os._exit, [0])
    timer.daemon = True
    timer.start()


def runner_of(config: RunnerConfig) -> Runner | None:
    """Who makes the takes that are asked for; what only one of them needs is imported for that one."""
    match config.kind:
        case "none":
            return None
        case "command":
            from daemon.runners.command import CommandRunner  # noqa: PLC0415

            return CommandRunner(config.command, config.suffix)
        case "slurm":
            from daemon.runners.slurm import SlurmRunner  # noqa: PLC0415

            return SlurmRunner(config.command, config.suffix, config.sbatch)
        case "comfyui":
            from daemon.runners.comfyui.runner import ComfyRunner  # noqa: PLC0415

            output = None if config.keep_output else Path(config.output)
            return ComfyRunner(config.url, config.workflow, output)


def _known_project(path: Path, *, share: Share) -> Path:
    """The project in that folder; where one that is known is away for now, or cannot be opened, it is waited for."""
    root = path.expanduser().resolve()
    with suppress(OSError):  # which it says once it is kept, and takes no other along
        if not (root.is_dir() or str(root) in locations.registered_projects()):
            raise NoSuchFolder(root)
        if root.is_dir() and any(root.iterdir()) and not (root / OWN_FOLDER).exists():
            raise NotAProject(root)
        if (root / OWN_FOLDER).exists():
            with locked(find_home(root, share=share)):
                pass
    return root


def _complain(group: BaseExceptionGroup[TakesError]) -> None:
    for error in flatten(group):
        hint = error.hint if isinstance(error, TakesError) else ""
        print(blanked(f"takes: {error}. {hint}".rstrip()), file=sys.stderr)  # noqa: T201 - the user's terminal
