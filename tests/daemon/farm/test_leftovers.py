"""What is left in `.takes/work` of a studio's film goes once it is nobody's, and stays as long as it may be somebody's."""

from pathlib import Path

import pytest

from daemon.farm import leftovers
from daemon.farm.leftovers import OLD, clear
from projections.layout import full_id
from tests.daemon.requests.asked import known
from tests.e2e.studio.seats import in_studio
from tests.support.film import DAWN, until
from tests.support.inside import running_daemon
from tests.support.postgres import make_database, server

LEFT = {
    "keep-0123456789abcdef": "a file on its way",
    "job-019": "the folder of a job",
    "attempt-shot-7-019": "the folder of an attempt",
    "slurm-019": "the folder of a job that Slurm has",
}

STAYS = ("swap-shot-1.png", "of-a-person.png")
"""What somebody's bytes may be in, or what others look after."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name in LEFT:
        if name.startswith("keep-"):
            (tmp_path / name).write_text("half of it")
        else:
            (tmp_path / name / "making").mkdir(parents=True)
            (tmp_path / name / "making" / "out.part").write_text("half of it")
    for name in STAYS:
        (tmp_path / name).write_text("all of it")
    return tmp_path


def names(work: Path) -> set[str]:
    return {path.name for path in work.iterdir()}


def now(work: Path) -> float:
    return max(path.lstat().st_ctime for path in work.rglob("*"))


def test_what_nothing_has_happened_to_for_a_day_goes_and_nothing_else(work: Path) -> None:
    assert clear(work, (), now(work) + OLD - 1) == []
    assert clear(work, (), now(work) + OLD + 1) == sorted(LEFT)
    assert names(work) == set(STAYS)


def test_what_was_written_to_of_late_stays_however_old_its_folder_is(work: Path) -> None:
    late, written = now(work) + OLD + 0.01, work / "job-019" / "making" / "out.part"
    while written.stat().st_ctime <= late - OLD:
        written.write_text("more of it")
    assert clear(work, (), late) == sorted(LEFT.keys() - {"job-019"})


def test_what_somebody_awaits_stays_however_old_it_is(work: Path) -> None:
    awaited = ("job-019", "slurm-019", "attempt-shot-7-")
    assert clear(work, awaited, now(work) + 2 * OLD) == ["keep-0123456789abcdef"]
    assert names(work) == {"job-019", "slurm-019", "attempt-shot-7-019", *STAYS}


async def test_whoever_has_the_film_removes_what_is_left_but_not_what_is_awaited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "OLD", -OLD)  # as if a day had gone by
    film, services = await in_studio(tmp_path, server(), make_database(server()))
    work = film.root / ".takes" / "work"
    async with running_daemon(film, env=services) as daemon:
        await known(daemon)
        asked = await daemon.ask("POST", f"shots/{full_id(DAWN)}/takes", {"generationParams": {"seed": 7}})
        assert asked.status_code == 202
        stream = next(one["stream"] for one in await daemon.events() if one["type"] == "take.created")
    work.mkdir(exist_ok=True)
    awaited = work / f"attempt-{stream}-1-019"
    for left in (awaited, work / f"attempt-{stream}-2-019", work / "job-019", work / "slurm-019"):
        left.mkdir()
    async with running_daemon(film, env=services):

        async def is_clear() -> bool:
            return list(work.iterdir()) == [awaited]

        await until(is_clear)
