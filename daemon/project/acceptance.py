"""The acceptance: a failed take becomes complete with its file as it is, because a person says so.

Whoever keeps its shot does that at once, and else as soon as the log says that it was asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from daemon.config.policies import Policies
from daemon.disk.leases import is_written
from daemon.intake.arrival import Placed, recipe_of
from daemon.intake.completion import as_logged, media_found, params_of, recipe_error
from daemon.intake.intake import Intake
from daemon.intake.look import TakeLook
from daemon.shots.shots import Origin, Rule, Shots
from daemon.watching.scan import Entry
from events import Identity, Shot, Take, TakeCompleted, TakeHasNoFile, TakeNotFailed
from events.shot import accept, ask_to_accept, check_failed
from projections.files.fingerprint import identity, is_written_over
from projections.files.threads import in_thread
from projections.keeping import EVERYTHING, Keeping
from projections.layout import sidecar_name, take_path
from projections.media.errors import Undecodable


class Acceptance:
    """Accepts the failed takes of one project."""

    def __init__(
        self,
        root: Path,
        shots: Shots,
        look: TakeLook,
        intake: Intake,
        policies: Policies,
        keeping: Keeping = EVERYTHING,
    ) -> None:
        self._root = root
        self._shots = shots
        self._look = look
        self._intake = intake
        self._policies = policies
        self._keeping = keeping

    async def keep(self, stream: str, number: int) -> Rule:
        """Have the take's file kept for good, and the rule by which it is complete; TakeHasNoFile where it is not there.

        What cannot be found by looking into it, stays unknown: its kind is that of its name. Where others keep the shot,
        that is left to them, and the rule is that by which they hear of it.
        """
        if not self._keeping.keeps(stream):
            await self.check(stream, number)
            return partial(ask_to_accept, number=number)
        with self._keeping.work(stream):
            shot = await self._shots.load(stream)
            return await self._keep_file(shot, check_failed(shot, number))

    async def finish(self, stream: str, number: int, *, patient: bool) -> bool:
        """Finish a take as `Intake.finish` does; one that was accepted elsewhere, with its file as it is.

        TakeHasNoFile where that cannot be kept: it stays to be done.
        """
        shot = await self._shots.load(stream)
        take = shot.takes[number]
        if not take.is_accepted:
            return await self._intake.finish(stream, number, patient=patient)
        rule = await self._keep_file(shot, take)
        with suppress(TakeNotFailed):  # it is complete by now
            await self._shots.change(stream, rule, Origin("watcher", take.created_by))
        return True

    async def check(self, stream: str, number: int) -> None:
        """TakeHasNoFile where whoever keeps the film could not keep the file of that failed take."""
        shot = await self._shots.load(stream)
        take = check_failed(shot, number)
        path = self._root / take_path(shot.path, number) / (take.name or "")
        with _told_gone(number):
            await in_thread(_found, path, number, take.failed_file)

    async def _keep_file(self, shot: Shot, take: Take) -> Rule:
        number = take.number
        name, folder = take.name or "", self._root / take_path(shot.path, number)
        with _told_gone(number):
            placed = await in_thread(_found, folder / name, number, take.failed_file)
            called = take.source.name or name
            beside = await in_thread(recipe_of, shot, take, folder, name)
            recipe, trouble = await self._look.recipe(beside, take, patient=True)
            rate = recipe.get("frameRate")
            found = await self._look.look_as_it_is(take, folder / name, placed, called, rate)
        if found is None:
            raise TakeHasNoFile(number, "somebody is writing it")
        look, kept = found
        params = params_of(take, look, recipe, None)
        logged, left_out = await in_thread(as_logged, params, folder, sidecar_name(shot.path, number))
        completed = TakeCompleted(
            take=number,
            media=media_found(name, look),
            params=logged or None,
            left_out=left_out or None,
            recipe_error=recipe_error(look, trouble),
            identity=kept.file,
            kept=kept.kept,
        )
        return partial(accept, completed=completed, auto_activate=self._policies.auto_activate)


@contextmanager
def _told_gone(number: int) -> Iterator[None]:
    """TakeHasNoFile where the file turns out not to be there, or to be nothing."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise TakeHasNoFile(number, "it is gone") from error
    except Undecodable as error:  # there is nothing to look into
        raise TakeHasNoFile(number, error.reason) from error


def _found(path: Path, number: int, before: Identity | None) -> Placed:
    """The file as it lies there now, if it is the one that has failed."""
    found = identity(path.lstat())
    if before and is_written_over(found, before):
        raise TakeHasNoFile(number, "another one has come in its place, which becomes the next take")
    return Placed(Entry(path.name, found), is_written(path), was_there=True)
