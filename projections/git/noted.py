"""What is noted of a film in git: its shots, and how git's index was left, for the next look and for the next start."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from projections.files.opening import opened
from projections.files.reading import OURS, read_fit
from projections.files.summed import read_summed, write_summed
from projections.files.writing import write
from projections.git.attributes import SHARED
from projections.gitdir.entry_bytes import Key, Mark, Marks
from projections.gitdir.entry_heads import FileState, state_of
from projections.gitdir.index import Known
from projections.gitdir.surveying import Range
from projections.index.index import Index
from projections.index.rows import ShotRow, ShotTakes
from projections.layout import OWN_FOLDER
from projections.worktree import git_dir_of

NOTE = "git-staged"
"""The file in our own folder that says how git was left."""

SURVEY = "git-survey"
"""The file beside it with what was found when git's index was looked through."""

_FORMAT = 1
_LONGEST_CHECKSUM = 32

States = dict[str, FileState | None]
"""By path, which file lies there, if any."""


class Snapshot(Struct, frozen=True):
    """What git's index and the shared files were: those that others may put others in the place of."""

    worktree: Path
    index: Path
    state: FileState | None
    shared_files: tuple[FileState | None, ...]

    def taken_anew(self, root: Path) -> "Snapshot":
        """The same as they are now."""
        return Snapshot(self.worktree, self.index, state_of(self.index), states_of_shared(root))


def states_of_shared(root: Path) -> tuple[FileState | None, ...]:
    """Which the shared files are."""
    return tuple(state_of(root / name) for name in SHARED)


def states_of(paths: Iterable[Path | str]) -> States:
    """Which files lie there."""
    return {str(path): _state_of(Path(path)) for path in paths}


def _state_of(path: Path) -> FileState | None:
    with suppress(OSError):
        return state_of(path)
    return None


class Note(Struct, frozen=True):
    """How git was when all takes up to that position in the log were in it, and how commits were made.

    It says nothing of how things are: where any file of those is another one, or the log says more, all is looked at.
    """

    position: int
    commits: str
    index: FileState
    checksum: str
    shared_files: tuple[FileState | None, ...]
    deciding: States
    format: int = _FORMAT

    def write(self, root: Path) -> None:
        """Leave it to the next start; where that cannot be, that looks at everything."""
        with suppress(OSError):
            write(root / OWN_FOLDER / NOTE, msgspec.json.encode(self), mode=0o600)

    def snapshot(self, worktree: Path) -> Snapshot | None:
        """What it says of the repository of that worktree; None where that is another one, or is not as it was."""
        path = git_dir_of(worktree / ".git").resolve() / "index"
        is_same = _state_of(path) == self.index and _checksum(path).endswith(bytes.fromhex(self.checksum))
        is_same = is_same and states_of(self.deciding) == self.deciding
        return Snapshot(worktree, path, self.index, self.shared_files) if is_same else None


def read_note(root: Path) -> Note | None:
    """What the last daemon has left; None where it makes no sense."""
    with suppress(OSError, ValueError):  # msgspec's errors are such
        note = msgspec.json.decode(read_fit(root / OWN_FOLDER / NOTE, OURS) or b"", type=Note)
        return note if note.format == _FORMAT and bytes.fromhex(note.checksum) else None
    return None


def note_of(
    position: int, commits: str, seen: Snapshot, known: Known | None, deciding: States
) -> Note | None:
    """The note for the next start; None where the index that was seen is not the one that is known."""
    if known is None or known.state is None or seen.state != known.state:
        return None
    return Note(position, commits, known.state, known.checksum.hex(), seen.shared_files, deciding)


class Survey(Struct, frozen=True, array_like=True):
    """What a look through all of git's index found, which one that is the same at the next start need not find again.

    It is of no use but with the note that speaks of that very index. `unsearched`, `left` and `unkept` are the memory's.
    """

    state: FileState
    checksum: bytes
    version: int
    id_length: int
    runs: list[Mark]
    has_conflicts: bool
    young: list[Key]
    unsearched: list[Range]
    left: set[str]
    unkept: set[str]
    format: int = _FORMAT

    def known(self) -> Known:
        """The same as it is known of an index."""
        marks = Marks(self.version, self.id_length, self.runs, True, self.has_conflicts, {*self.young})
        return Known(self.state, self.checksum, marks)


def keep_survey(root: Path, known: Known, unsearched: list[Range], left: set[str], unkept: set[str]) -> None:
    """Keep it for the next start; where that cannot be, that looks through the index."""
    marks = known.marks
    if known.state is None or not marks.is_sorted:
        return
    survey = Survey(
        known.state,
        known.checksum,
        marks.version,
        marks.id_length,
        marks.runs,
        marks.has_conflicts,
        [*marks.young],
        unsearched,
        left,
        unkept,
    )
    with suppress(OSError):
        write_summed(root / OWN_FOLDER / SURVEY, survey)


def read_survey(root: Path, note: Note) -> Survey | None:
    """The one that was kept of the index that the note speaks of; None where there is none, or it is not whole."""
    survey = read_summed(root / OWN_FOLDER / SURVEY, Survey)
    if survey is None or survey.format != _FORMAT:
        return None
    return survey if (survey.state, survey.checksum.hex()) == (note.index, note.checksum) else None


def _checksum(path: Path) -> bytes:
    """The last bytes of an index."""
    with suppress(OSError), opened(path, follows=True) as file:
        file.seek(-_LONGEST_CHECKSUM, 2)
        return file.read(_LONGEST_CHECKSUM)
    return b""


class Shots:
    """All shots of a film: by path, which number was `given` last; kept up by what is told of some of them.

    `gone` are paths at which there is none any more, and `fresh` those of new ones, since the last look at git.
    """

    def __init__(self, rows: Sequence[ShotRow] = ()) -> None:
        self.given: dict[str, int] = {}
        self.gone, self.fresh = set[str](), set[str]()
        self._paths: dict[str, str] = {}
        self._note(rows)

    @property
    def empty(self) -> Collection[str]:
        """The paths of those that never had a take."""
        return [path for path, given in self.given.items() if not given]

    async def follow(self, index: Index, touched: Sequence[ShotTakes]) -> None:
        """Know of these what the index says by now; of all of them where one has moved, or may be gone."""
        if self._paths and all(self._is_told(one.shot) for one in touched):
            self._note([one.shot for one in touched])
            return
        before, rows = self.given, await index.shots()
        self.given, self._paths = {}, {}
        self._note(rows)
        self.fresh -= before.keys()
        self.gone |= before.keys() - self.given.keys()

    def settle(self) -> None:
        """Say that git has been looked at."""
        self.gone, self.fresh = set(), set()

    def _is_told(self, shot: ShotRow) -> bool:
        """Whether a shot's own row says that it is there, and where it was."""
        return self._paths.get(shot.stream, shot.path) == shot.path and (shot.takes > 0 or not shot.given)

    def _note(self, rows: Sequence[ShotRow]) -> None:
        self.fresh |= {shot.path for shot in rows if shot.path not in self.given}
        self.given |= {shot.path: shot.given for shot in rows}
        self._paths |= {shot.stream: shot.path for shot in rows}
