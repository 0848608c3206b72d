"""A film of a studio on a real NFS: Anna's machine and Bert's keep it, and Carl works on it. Run by `make share`.

Its log is in a PostgreSQL of the machine that the tests run on, which also looks at the served folder itself.
"""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from events.store.postgres.claims import SHARDS
from tests.e2e.studio.seats import HELD, check_whole
from tests.share.machines import SHARE, Machine, why_not
from tests.support.film import Film, hashes, still
from tests.support.postgres import Server, own_server
from tests.support.uml import wait_for

pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
    pytest.mark.timeout(600),
]

NAME = "Studio"
ROOT = f"{SHARE}/{NAME}"

DROPPED = tuple(f"01_Drops/{number:03d}_Shot" for number in range(1, 7))
WAYS = ("cp", "mv", "slow")
SHOTS = (*DROPPED, *(f"02_Ways/{way}_{who}" for way in WAYS for who in ("desk", "nobody")))

CUT = 25.0
"""Seconds for which a machine is cut off: its lease of shards runs out, and that of its files."""

PAUSE = 35
"""Seconds for which a writer does nothing."""

COUNT = 20
"""Files that are put there each way."""

WITNESS = """
CREATE TABLE public.claimed (at timestamptz, shard int, was text, until timestamptz, owner text, epoch bigint);
CREATE FUNCTION public.see_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO public.claimed VALUES (clock_timestamp(), NEW.shard, OLD.owner, OLD.until, NEW.owner, NEW.epoch);
    RETURN NULL;
END $$;
CREATE TRIGGER seen AFTER UPDATE ON takes.claims FOR EACH ROW
    WHEN (OLD.epoch <> NEW.epoch OR OLD.owner <> NEW.owner) EXECUTE FUNCTION public.see_claim();
CREATE TABLE public.said (at timestamptz, position bigint, by text, owners text[]);
CREATE FUNCTION public.see_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO public.said VALUES (clock_timestamp(), NEW.position, current_setting('application_name'),
        ARRAY(SELECT split_part(owner, '/', 1) FROM takes.claims WHERE film = NEW.film
              AND shard IN (0, takes.shard(NEW.stream, NEW.data))));
    RETURN NULL;
END $$;
CREATE TRIGGER seen AFTER INSERT ON takes.events FOR EACH ROW EXECUTE FUNCTION public.see_event();
"""
"""Has the database remember who has had each shard, and of each record who added it, and who might."""

EVENTS = """SELECT position, stream, version, data::jsonb, extract(epoch FROM said.at)::float8, by, owners
    FROM takes.events LEFT JOIN public.said USING (position) ORDER BY position"""


class Studio:
    """The film and its log, as they are seen from outside of all of its machines."""

    def __init__(self, server: Server, anna: Machine, bert: Machine, carl: Machine) -> None:
        self.anna, self.bert, self.carl = anna, bert, carl
        self.film = Film.__new__(Film)
        self.film.root = anna.served / NAME
        self._server = server

    def ask(self, query: str) -> list[Any]:
        return self._server.execute(query, "postgres")

    def events(self) -> list[dict[str, Any]]:
        """All records of the film since it is in the studio, with the time at which the database had them."""
        names = ("position", "stream", "version", "data", "at", "by", "owners")
        rows = [dict(zip(names, row, strict=True)) for row in self.ask(EVENTS)]
        return [{**row, "type": row["data"]["type"]} for row in rows]

    def completed(self) -> dict[str, float]:
        """The hashes of what is complete, and since when."""
        done = [one for one in self.events() if one["type"] == "take.completed"]
        return {one["data"]["media"]["sha256"]: one["at"] for one in done}

    def holds(self, contents: Mapping[str, list[bytes]], at_most: float) -> None:
        """Wait until those are takes, and check that each is one, and that both machines say the same of it."""
        wanted = {one for dropped in contents.values() for one in hashes(*dropped)}
        wait_for(lambda: wanted <= self.completed().keys(), at_most, 1.0)
        self.check(contents)

    def check(self, contents: Mapping[str, list[bytes]]) -> None:
        check_whole(self.film, self.events(), contents)
        for one in self.events():
            if one["type"] in ("take.created", "take.completed", "take.activated"):
                assert one["by"].removeprefix("takes/") in one["owners"], one
        for machine in (self.anna, self.bert):
            said = json.loads(machine.run(f"takes verify --project {ROOT} --json").splitlines()[-1])
            assert said["problems"] == []

    def is_shared(self) -> bool:
        """Whether each of two machines keeps half of it."""
        return [count for _, count in self.ask(HELD)] == [SHARDS // 2] * 2

    def is_bert_alone(self) -> bool:
        return [(owner.split("/")[0], count) for owner, count in self.ask(HELD)] == [("bert", SHARDS)]

    @contextmanager
    def desk(self) -> Iterator[None]:
        """A desk on Carl's machine, which sees what he does."""
        with self.carl.daemon("--role", "desk", ROOT, ready='"role": "desk"'):
            wait_for(lambda: self._watches() >= 2 * len(SHOTS))
            yield

    def _watches(self) -> int:
        status = json.loads(self.carl.run(f"takes status --project {ROOT} --json"))
        return int(status["watch"]["folders"])


@pytest.fixture(scope="module")
def studio(three: list[Machine]) -> Iterator[Studio]:
    """The film, which Anna's machine and Bert's keep between them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with own_server(port=port) as server, ExitStack() as stack:
        service = f"[takes]\nhost=10.0.2.2\nport={port}\ndbname=postgres\nuser=postgres\n"
        for machine in three:
            machine.run(f"cat > /run/.pg_service.conf <<END\n{service}END\n: > /run/config.toml")
        anna, bert, carl = three
        made = Studio(server, anna, bert, carl)
        for shot in SHOTS:
            made.film.takes(shot).mkdir(parents=True)
        anna.run(f"takes init {ROOT} && takes studio init && takes studio join {ROOT}")
        server.execute(WITNESS)
        for machine in (anna, bert):
            stack.enter_context(machine.daemon("--role", "keeper", ROOT, ready='"role": "keeper"'))
        wait_for(made.is_shared)
        yield made


def written(folder: Path, count: int, first: int) -> list[Path]:
    """So many pictures, as files that every machine has."""
    paths = [folder / f"{number}.png" for number in range(first, first + count)]
    for path in paths:
        path.write_bytes(still(int(path.stem)))
    return paths


def test_drops_are_one_take_each_while_one_of_those_who_keep_the_film_is_cut_off(
    studio: Studio, tmp_path: Path
) -> None:
    files = written(tmp_path, 6 * len(DROPPED), 1)
    contents: dict[str, list[bytes]] = {shot: [] for shot in DROPPED}
    lines = []
    for number, path in enumerate(files):
        shot = DROPPED[number % len(DROPPED)]
        contents[shot].append(path.read_bytes())
        part, takes = f"{ROOT}/.{number}.part", f"{ROOT}/{shot}/takes"
        lines.append(f"cp {path} {part}; mv {part} {takes}/{number}.png; sleep 1")
    with studio.desk():
        lines.append(f"touch {tmp_path}/done")
        studio.carl.run("(" + "\n".join(lines) + ") > /run/drops.log 2>&1 &")
        wait_for(lambda: len(studio.completed()) >= len(DROPPED))
        with studio.anna.cut_off():
            until = time.monotonic() + CUT
            wait_for(studio.is_bert_alone)
            time.sleep(max(0.0, until - time.monotonic()))
        wait_for(lambda: tmp_path.joinpath("done").exists())
        wait_for(studio.is_shared)
        studio.holds(contents, 60)
    moved = studio.ask("SELECT at > until, shard, epoch FROM public.claimed WHERE was <> owner AND was <> ''")
    assert moved
    assert all(is_free for is_free, _, _ in moved)
    epochs = studio.ask(
        "SELECT shard, epoch FROM public.claimed GROUP BY shard, epoch HAVING count(DISTINCT owner) > 1"
    )
    assert epochs == []


@pytest.mark.parametrize("who", ["desk", "nobody"])
def test_what_is_copied_moved_and_written_with_pauses_is_one_take_each_with_all_of_its_bytes(
    studio: Studio, tmp_path: Path, who: str
) -> None:
    first = 1000 if who == "desk" else 2000
    copied, moved = written(tmp_path, COUNT, first), written(tmp_path, COUNT, first + COUNT)
    slow = tmp_path / "slow"
    slow.write_bytes(still(first + 2 * COUNT) + bytes(45_000))
    takes = {way: f"{ROOT}/02_Ways/{way}_{who}/takes" for way in WAYS}
    with studio.desk() if who == "desk" else nullcontext():
        studio.carl.run(
            f"(for n in 0 1 2; do [ $n = 0 ] || sleep {PAUSE}; "
            f"dd if={slow} bs=16k skip=$n count=1 2> /dev/null; done > {takes['slow']}/slow.png) &"
        )
        began: dict[str, float] = {}
        for number in range(COUNT):
            studio.carl.run(f"cp {copied[number]} {takes['cp']}/{number}.png")
            began[hashes(copied[number].read_bytes())[0]] = time.time()
            studio.carl.run(f"cp {moved[number]} {ROOT}/.moved.part")
            studio.carl.run(f"mv {ROOT}/.moved.part {takes['mv']}/{number}.png")
            began[hashes(moved[number].read_bytes())[0]] = time.time()
        contents = {
            f"02_Ways/cp_{who}": [path.read_bytes() for path in copied],
            f"02_Ways/mv_{who}": [path.read_bytes() for path in moved],
            f"02_Ways/slow_{who}": [slow.read_bytes()],
        }
        studio.holds(contents, 3 * PAUSE + 120)
    done = studio.completed()
    took = sorted(done[sha256] - at for sha256, at in began.items())
    print(f"with {who} looking: p50 {took[COUNT]:.1f} s, p95 {took[-2]:.1f} s, last {took[-1]:.1f} s")  # noqa: T201
