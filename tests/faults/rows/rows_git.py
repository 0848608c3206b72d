"""Git works on the same film at the same time, or was killed in it: nothing is lost, and no lock of its is touched."""

import anyio

from tests.e2e.repository import Git
from tests.faults.operations import OPERATIONS, Staging, done
from tests.faults.row import Row
from tests.faults.world import World

WORK = (
    ("add", "--all"),
    ("commit", "--quiet", "--allow-empty", "--message", "work"),
    ("gc", "--quiet"),
    ("status", "--porcelain"),
    ("stash", "list"),
)


async def test_takes_are_staged_while_git_works(row: Row) -> None:
    async with row.world() as world:
        operation = OPERATIONS["git"](world)
        assert isinstance(operation, Staging)
        await world.start()
        await operation.once()
        ended = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(work, operation.git, ended)
            for _ in range(row.some(40)):
                await operation.begin()
                await done(operation)
                row.survived()
            ended.set()
        await world.check()


async def work(git: Git, ended: anyio.Event) -> None:
    """Have git do one thing after the other; it may be refused, where the daemon was first."""
    while not ended.is_set():
        for one in WORK:
            await anyio.to_thread.run_sync(git.run, *one)


async def test_a_lock_that_git_has_left_is_waited_for(row: Row) -> None:
    async with row.world() as world:
        operation = OPERATIONS["git"](world)
        assert isinstance(operation, Staging)
        await world.start()
        await operation.once()
        lock = world.film.root / ".git" / "index.lock"
        for _ in range(row.some(10)):
            lock.write_bytes(b"somebody's own")
            content = world.drop()
            operation.content = content
            assert await world.lives_until(lambda: told_of(world))
            assert lock.read_bytes() == b"somebody's own"
            lock.unlink()
            await done(operation)
            await world.check()
            row.survived()


async def told_of(world: World) -> bool:
    """Whether the status tells of the lock."""
    problems = (await world.daemon.status())["problems"]
    return any("lock" in one["what"] for one in problems)
