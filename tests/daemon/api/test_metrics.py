"""The metrics: what is told is what the log, the disk and the process say, film by film."""

import shutil
from functools import partial
from pathlib import Path

import anyio
from prometheus_client.parser import text_string_to_metric_families

from daemon.api.routes.metrics import families
from daemon.metrics import STEP_SECONDS, TIMED
from daemon.project import studio_moves
from tests.docs.pages import page
from tests.support.film import Daemon, environment, make_film, still, until
from tests.support.inside import running_daemon, surroundings
from tests.support.postgres import make_database, server, write_services

Samples = dict[tuple[str, ...], float]


async def scraped(daemon: Daemon) -> Samples:
    """Every sample, by its name and the values of its labels but the first film's."""
    answer = await daemon.ask("GET", "/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *[value for key, value in sample.labels.items() if value != "myfilm"]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_drops_are_counted_by_the_log_and_timed_by_step(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1), "a.png")
        film.drop(b"broken", "b.png")
        await daemon.finished(2)
        await daemon.delete(1)
        await daemon.at_rest()
        told = await scraped(daemon)
        assert told["takes_numbered_total", "drop"] == 2
        assert told["takes_events_total", "take.completed"] == 1
        assert told["takes_events_total", "take.failed"] == 1
        assert told["takes_events_total", "take.deleted"] == 1
        assert told["takes_bytes_total",] == len(still(1))
        assert told["takes_purged_bytes_total",] == 0
        for step, count in {"number": 1, "place": 2, "look": 2, "keep": 1, "complete": 2}.items():
            assert told[f"{STEP_SECONDS}_count", step] >= count
            assert told[f"{STEP_SECONDS}_sum", step] > 0
        assert told["takes_projection_behind", "index"] == 0
        assert told["takes_project_live",] == told["takes_project_answers",] == 1
        assert told["takes_problems",] == 0


async def test_of_a_film_in_a_studio_it_is_told_what_is_appended_and_what_is_held(tmp_path: Path) -> None:
    services = write_services(tmp_path / "services", server(), takes=make_database(server()))
    with surroundings(environment(tmp_path, **services)):
        film = await make_film(tmp_path)
        await studio_moves.make_ready("takes")
        await studio_moves.join(film.root, "takes")
    async with running_daemon(film, env=services) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        told = await scraped(daemon)
        assert told["takes_studio_answers",] == 1
        assert told["takes_studio_behind",] == 0
        assert told["takes_shards_held",] == 16
        assert told["takes_log_position",] == (await daemon.status())["position"]
        assert told["takes_appends_fenced_total",] == 0
        assert 0 < told["takes_append_seconds_count",] <= told["takes_log_position",]
        assert told["takes_append_batch_sum",] >= told["takes_append_batch_count",]


async def test_what_was_counted_is_so_after_a_restart_and_a_rebuild(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        await daemon.at_rest()
        before = await scraped(daemon)
    async with running_daemon(film) as daemon:
        await daemon.ask("POST", "rebuild", {"name": "index"})
        await daemon.verify()
        after = await scraped(daemon)
    names = ("takes_events_total", "takes_numbered_total", "takes_bytes_total")
    assert {key: one for key, one in before.items() if key[0] in names} == {
        key: one for key, one in after.items() if key[0] in names
    }
    assert (f"{STEP_SECONDS}_count", "look") not in after  # that only the process had known


async def test_what_waits_is_told_with_the_age_of_the_oldest(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        with (film.takes() / "written.png").open("wb") as file:
            file.write(still(1))
            file.flush()
            await until(partial(_waits, daemon, "file"))
            await daemon.ask("POST", "shots/001_Dawn/takes", {"generationParams": {}})
            told = await until(partial(_waits, daemon, "request"))
            assert told["takes_waiting", "request"] == 1
            assert 0 < told["takes_waiting_seconds", "request"] < 60
            assert 0 < told["takes_waiting_seconds", "file"] < 60
            assert told["takes_waiting", "drop"] == told["takes_waiting_seconds", "drop"] == 0
        await daemon.finished(1)
        told = await scraped(daemon)
        assert told["takes_waiting", "file"] == told["takes_waiting_seconds", "file"] == 0


async def _waits(daemon: Daemon, what: str) -> Samples | None:
    told = await scraped(daemon)
    return told if told["takes_waiting", what] and told["takes_waiting_seconds", what] else None


async def test_what_is_left_on_the_disk_is_what_the_disk_says(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        told = await scraped(daemon)
        disk = await anyio.to_thread.run_sync(shutil.disk_usage, film.root)
    assert told["takes_disk_bytes",] == disk.total
    assert abs(told["takes_disk_left_bytes",] - disk.free) < 1 << 30


async def test_a_film_that_is_away_hides_no_other(tmp_path: Path) -> None:
    film, other = await make_film(tmp_path), await make_film(tmp_path, "Other")
    async with running_daemon(film, other) as daemon:
        await anyio.Path(other.root).rename(tmp_path / "away")

        async def away() -> Samples | None:
            told = await scraped(daemon)
            return None if told["takes_project_live", "other"] else told

        told = await until(away)
        assert told["takes_project_live",] == told["takes_project_answers",] == 1
        assert told["takes_project_answers", "other"] == 0
        assert told["takes_problems", "other"] == 1
        assert ("takes_disk_left_bytes", "other") not in told


async def test_what_only_a_scan_has_found_and_lost_hints_are_counted(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        assert daemon.projects
        daemon.projects.find("myfilm").parts.mailbox.lost("the queue ran over")

        async def lost() -> Samples | None:
            told = await scraped(daemon)
            return told if told["takes_losses_total",] else None

        told = await until(lost)
        assert told["takes_losses_total",] == 1
        assert told["takes_scan_age_seconds",] >= 0


async def test_of_every_metric_it_is_written_down_what_it_says(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        film.drop(still(1))
        await daemon.finished(1)
        text = (await daemon.ask("GET", "/metrics")).text
    told = {family.name: family for family in text_string_to_metric_families(text)}
    ours = {name for name in told if name.startswith("takes_")}
    assert ours == {name.removesuffix("_total") for name in (*TIMED, *families())}
    for name in (*TIMED, *families()):
        assert f"`{name}" in page("running/metrics.md")
