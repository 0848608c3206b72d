"""Recovery: a new log from whatever is left of a film: its log, copies of it, what is told beside it, and its folders.

Records that are whole stay as they are. Of what is lost, the numbers are known from the head, `project.json` and the
take folders, and the takes that still lie there are taken in again by the daemon, as those of a clone are. The old log
is put aside before anything is in its place, so that this can be done again from any point.
"""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from daemon.disk.marker import LOG
from daemon.recovery.following import may_follow
from daemon.recovery.head import HeadFile, Known, read_head, write_head
from daemon.recovery.standing import Told, place_of, streams_of, take_over
from daemon.watching.scan import look, media_of_take
from daemon.watching.tree import Tree
from events import (
    FILM,
    Event,
    Record,
    Request,
    Shot,
    Source,
    TakeCreated,
    TakeDeleted,
    TakeFailed,
    TakePurged,
    evolve,
    timestamp,
)
from events.folding import evolve_all
from events.record import event_id
from events.store.salvage import Remains, Salvage, merge, opened, write_log
from projections.artifacts.project_file import read_if_fit
from projections.artifacts.project_told import ToldShot, read_told, read_told_head, read_told_searches
from projections.artifacts.sidecars import read_sidecar
from projections.artifacts.told_opinions import opinions_told, searches_told
from projections.files.writing import put_in_place, sync
from projections.layout import OWN_FOLDER, take_path

ASIDE = "log-before-recovery-"
"""How the folder begins in `.takes/` in which an old log lies."""

LOST = "its bytes were purged, and what the log knew of them is lost"


class Recovered(Struct):
    """What came of it: how many records were kept, which were lost, how many were added, and where the old log is.

    `log` is the id of the new log; None where there was nothing to recover. `waiting` are the takes that lie in their
    folders, and that the daemon takes in when it is started.
    """

    log: str | None = None
    kept: int = 0
    lost: Sequence[int] = ()
    added: int = 0
    shots: int = 0
    waiting: int = 0
    aside: str | None = None


class Recovery:
    """One film that is recovered, its log being in `folder`; `copies` finds those of a log by its id, `more` are others.

    `registered` is the log of the film that was registered there, as far as it is known.
    """

    def __init__(
        self,
        root: Path,
        folder: Path,
        copies: Callable[[str], Sequence[Path]],
        registered: str | None,
        more: Sequence[Path] = (),
    ) -> None:
        self._registered = registered
        self._root = root
        self._folder = folder.resolve()  # `.takes` may be a link to another disk
        self._copies = copies
        self._more = more
        self._head = read_head(root / OWN_FOLDER)
        self._project = read_if_fit(root)
        self._shots: dict[str, Shot] = {}
        self._added = 0
        self._waiting = 0

    def run(self, *, dry_run: bool = False) -> Recovered:
        """Make the new log, where one is needed, and put it in the place of the old one, unless it is a dry run."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with _scratch(self._folder) as scratch, ExitStack() as stack:
            own, logs = self._open_logs(scratch, stack)
            salvage, id_ = Salvage(logs), uuid.uuid4().hex
            end = write_log(scratch / LOG, id_, self._records(salvage, own, logs))
            found = Recovered(
                id_,
                end.position - self._added,
                salvage.lost,
                self._added,
                sum(1 for shot in self._shots.values() if shot.path),
                self._waiting,
            )
            if not self._is_needed(own, salvage):
                return Recovered(kept=found.kept, shots=found.shots, waiting=found.waiting)
            if not dry_run:
                known = {stream: _known(shot) for stream, shot in self._shots.items() if shot.path}
                head = HeadFile(log=id_, position=end.position, hash=end.hash, shots=known)
                found.aside = self._install(scratch / LOG, head)
            return found

    def _is_needed(self, own: Remains | None, salvage: Salvage) -> bool:
        """Whether the log that is there is not the film's own, or not whole, or knows less than is known elsewhere."""
        if own is None or own.id != salvage.end.log or salvage.lost or salvage.filled or self._added:
            return True
        if own.hash_at(salvage.end.position) != salvage.end.hash:
            return True
        head = self._head
        return head is not None and (head.log != own.id or own.hash_at(head.position) != head.hash)

    def _open_logs(self, scratch: Path, stack: ExitStack) -> tuple[Remains | None, list[Remains]]:
        """The log that is there, and all logs that can be read of the film's own, the best first."""
        asides = [one / LOG for one in sorted(self._folder.glob(f"{ASIDE}*"), reverse=True)]
        here = self._folder / LOG
        own = stack.enter_context(_readable(here, scratch / "own")) if here.exists() else None
        said, head = read_told_head(self._project), self._head
        ids = (
            head.log if head else None,
            own.id if own else None,
            self._registered,
            said.log if said else None,
        )
        wanted = next(filter(None, ids), None)
        others = [*asides, *(self._copies(wanted) if wanted else ()), *self._more]
        found = [own] if own else []
        for number, path in enumerate(one for one in others if one.exists()):
            found.append(stack.enter_context(_readable(path, scratch / f"{number}")))
        usable = [one for one in found if one.id == wanted or (one is own and one.id is None)]
        return own, sorted(usable, key=self._is_other)

    def _is_other(self, log: Remains) -> bool:
        """Whether the head knows another record than the log has there: it went another way, or is an older one."""
        head = self._head
        return head is not None and log.hash_at(head.position) != head.hash

    def _records(self, salvage: Salvage, own: Remains | None, logs: Sequence[Remains]) -> Iterator[Record]:
        """The records of the new log."""
        for record in salvage.records():
            shot = self._shots.setdefault(record.stream, Shot(record.stream))
            if not salvage.lost or may_follow(shot, record.event):
                evolve(shot, record.event)
                yield record
        at = timestamp(datetime.now(UTC))
        for stream, events in self._told(salvage, own, logs):
            for event in events:
                self._added += 1
                yield Record(0, stream, 0, event_id(at), at, "cli", None, event, "")

    def _told(
        self, salvage: Salvage, own: Remains | None, logs: Sequence[Remains]
    ) -> Iterator[tuple[str, Sequence[Event]]]:
        """What is known elsewhere, as events, where the log may have lost it; else the daemon sees to it."""
        if not logs or logs[0] is not own or salvage.lost or self._is_behind(salvage, own):
            told = Told(self._head, read_told(self._project), 0)
            known = {stream: (shot.path, shot.inode) for stream, shot in self._shots.items() if shot.path}
            for stream, one in streams_of(self._root, told, known):
                yield stream, self._take_over(stream, one)
            for stream, number in [pair for log in logs for pair in log.numbers().items()]:
                if (shot := self._shots.get(stream)) and shot.path:
                    yield stream, self._take_over(stream, ToldShot(shot.path, number))
            yield from self._purged()
            yield from self._opinions()
            film = self._shots.setdefault(FILM, Shot(FILM))
            yield FILM, evolve_all(film, searches_told(film, read_told_searches(self._project)))
        self._waiting = sum(
            media_of_take(self._root / take_path(path, number), path, number) is not None
            for path, number in self._unknown()
        )

    def _is_behind(self, salvage: Salvage, own: Remains) -> bool:
        """Whether the head knows a log that went further, or another way."""
        head, end = self._head, salvage.end
        return head is not None and (
            head.log != end.log or head.position > end.position or self._is_other(own)
        )

    def _purged(self) -> Iterator[tuple[str, Sequence[Event]]]:
        """The takes of which a sidecar says that their bytes are gone."""
        by_path = {shot.path: shot for shot in self._shots.values()}
        for path, number in list(self._unknown()):
            if shot := by_path.get(path):
                yield shot.stream, evolve_all(shot, _purged(self._root, path, number))

    def _opinions(self) -> Iterator[tuple[str, Sequence[Event]]]:
        """What the sidecars say that people thought of the takes that the log knows."""
        for shot in [one for one in self._shots.values() if one.path]:
            for number, take in shot.takes.items():
                told = read_sidecar(self._root / take_path(shot.path, number), shot.path, number)
                yield shot.stream, evolve_all(shot, opinions_told(told, number, take))

    def _unknown(self) -> Iterator[tuple[str, int]]:
        """The take folders that the log does not know, by shot and number."""
        by_path = {shot.path: shot.takes for shot in self._shots.values()}
        for one in Tree(self._root).shots():
            seen = look(self._root, one.path, ())
            for number in sorted(seen.folders - by_path.get(one.path, {}).keys()) if seen else ():
                yield one.path, number

    def _take_over(self, stream: str, told: ToldShot) -> Sequence[Event]:
        shot = self._shots.setdefault(stream, Shot(stream))
        return evolve_all(shot, take_over(shot, told, place_of(self._root, told.path)))

    def _install(self, made: Path, head: HeadFile) -> str | None:
        """Put the old log aside, and the new one in its place; where the old one is."""
        here, aside = self._folder / LOG, None
        sync(made)
        if here.exists():
            aside = self._folder / f"{ASIDE}{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
            aside.mkdir()
            for path in self._folder.glob(f"{LOG}*"):
                shutil.copy2(path, aside / path.name)
                sync(aside / path.name)
            sync(aside)
            sync(self._folder)
        for ending in ("-wal", "-shm", "-journal"):  # the old one's, which would be taken for the new one's
            here.with_name(f"{LOG}{ending}").unlink(missing_ok=True)
        sync(self._folder)
        put_in_place(made, here)
        write_head(self._root / OWN_FOLDER, head)
        return str(aside) if aside else None


def _known(shot: Shot) -> Known:
    hidden = {number for number, take in shot.takes.items() if take.deleted == "asked"} | {*shot.hidden}
    return Known(
        path=shot.path,
        given=shot.next_number - 1,
        hidden=tuple(sorted(hidden)),
        active=shot.active or shot.lost,
    )


def _purged(root: Path, shot: str, number: int) -> Sequence[Event]:
    """A take whose sidecar says that its bytes are gone: its recipe stays, which nobody could read from them."""
    told = read_sidecar(root / take_path(shot, number), shot, number)
    if told is None or told.purged is not True:
        return []
    request = Request(params=told.generation_params) if told.generation_params else None
    return [
        TakeCreated(take=number, source=Source(kind="adopted", created=told.created), request=request),
        TakeFailed(take=number, error=LOST),
        TakeDeleted(take=number),
        TakePurged(take=number, bytes=0),
        *opinions_told(told, number),
    ]


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder to work in, beside the log; what a kill has left of another one goes."""
    for left in folder.glob("recovering-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="recovering-", dir=folder) as made:
        yield Path(made)


@contextmanager
def _readable(path: Path, scratch: Path) -> Iterator[Remains]:
    """The log in that file as what lies beside it has it, which is merged in a copy: the file stays as it is."""
    beside = [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal")]
    if any(one.exists() and one.stat().st_size for one in beside):
        scratch.mkdir()
        for one in (path, *beside):
            if one.exists():
                shutil.copy(one, scratch / one.name)
        path = scratch / path.name
        merge(path)
    with opened(path) as log:
        yield log
