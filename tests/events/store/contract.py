"""The contract of a log: what every backend promises. A subclass for each of them supplies the log."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import anyio
import pytest
from msgspec.structs import replace

from events import GENESIS, Append, EventLog, Record, ShotRegistered, StaleVersion, follow
from events.codec import CODEC
from events.record import chain
from tests.events.samples import A_LIFE, AT, append, some
from tests.support.deadline import DEADLINE

UNWRITABLE = ShotRegistered(path="\ud800")
"""An event that no log can write: half a character, as a name that is not UTF-8 may hold."""

EMPTY = Append(stream="a", events=[], expected=0, at=AT, actor="cli")


class LogContract:
    """Subclasses have the fixtures `log` and `other`: two empty logs."""

    async def test_an_empty_log_stands_at_zero(self, log: EventLog) -> None:
        assert log.head == 0
        assert list(await log.read()) == []

    async def test_two_logs_have_different_ids(self, log: EventLog, other: EventLog) -> None:
        assert log.id != other.id

    async def test_positions_count_the_whole_log_without_gaps(self, log: EventLog) -> None:
        await log.append(append("a", some(1), some(2)))
        await log.append(append("b", some(3)))
        await log.append(append("a", some(4), expected=2))
        assert [record.position for record in await log.read()] == [1, 2, 3, 4]
        assert log.head == 4

    async def test_versions_count_each_stream_without_gaps(self, log: EventLog) -> None:
        await log.append(append("a", some(1), some(2)))
        await log.append(append("b", some(3)))
        await log.append(append("a", some(4), expected=2))
        assert [(record.stream, record.version) for record in await log.read()] == [
            ("a", 1),
            ("a", 2),
            ("b", 1),
            ("a", 3),
        ]

    async def test_a_refused_append_leaves_no_gap(self, log: EventLog) -> None:
        await log.append(append("a"))
        with pytest.raises(StaleVersion):
            await log.append(append("a"))
        (record,) = await log.append(append("b"))
        assert record.position == 2

    async def test_what_is_appended_to_several_streams_at_once_is_there_or_nothing_of_it(
        self, log: EventLog
    ) -> None:
        await log.append(append("b", some(1)))
        made = await log.append(
            append("a", some(2), some(3), cause="request:1"),
            append("b", some(4), expected=1, cause="request:1"),
        )
        places = [(record.position, record.stream, record.version) for record in made]
        assert places == [(2, "a", 1), (3, "a", 2), (4, "b", 2)]
        assert list(await log.command("request:1")) == list(made) == list(await log.read(1))
        for stale in (append("b", some(6), expected=1), append("b", UNWRITABLE, expected=2)):
            with pytest.raises((StaleVersion, UnicodeEncodeError)):
                await log.append(append("c", some(5)), stale)
        assert log.head == 4
        await log.append(append("c", some(5)))
        assert [position async for position in log.verify()][-1] == 5

    async def test_appends_at_once_have_one_cause_and_each_stream_once(self, log: EventLog) -> None:
        for other in (append("a"), append("b", cause="request:1")):
            with pytest.raises(ValueError, match="one cause"):
                await log.append(append("a"), other)
        assert log.head == 0

    async def test_a_record_says_what_was_asked(self, log: EventLog) -> None:
        asked = append("a", some(1), cause="request:1")
        (record,) = await log.append(asked)
        assert (record.stream, record.at, record.actor, record.cause) == ("a", AT, "cli", "request:1")
        assert record.event == some(1)

    async def test_an_event_id_is_a_uuid_of_its_time(self, log: EventLog) -> None:
        records = await log.append(append("a", *map(some, range(50))))
        ids = [UUID(record.id) for record in records]
        assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
        assert {each.int >> 80 for each in ids} == {1795438380_000}
        assert len(set(ids)) == 50

    async def test_records_read_are_those_that_append_returned(self, log: EventLog) -> None:
        appended = await log.append(append("a", *A_LIFE))
        assert list(await log.read()) == list(appended)
        assert list(await log.stream("a")) == list(appended)

    async def test_a_page_says_in_brief_what_the_records_say(self, log: EventLog) -> None:
        odd = 'a,"b\\n", é'
        await log.append(append("a", *A_LIFE))
        await log.append(append(odd, some(1), some(2)))
        await log.append(append("a", some(3), expected=len(A_LIFE)))
        records = await log.read(after=2, limit=len(A_LIFE))
        page = await log.page(2, len(A_LIFE))
        assert list(page.entries()) == [
            (one.position, one.stream, one.version, one.at, brief)
            for one, brief in zip(records, CODEC.shorten([one.event for one in records]), strict=True)
        ]
        assert (len(page), len(await log.page(log.head, 10)), log.head) == (len(A_LIFE), 0, len(A_LIFE) + 3)

    async def test_histories_say_in_brief_what_the_records_of_each_stream_say(self, log: EventLog) -> None:
        odd = 'a,"b\\n", é'
        await log.append(append("b", *A_LIFE))
        await log.append(append(odd, some(1), some(2)))
        await log.append(append("b", some(3), expected=len(A_LIFE)))
        until = log.head
        await log.append(append("b", some(4), expected=len(A_LIFE) + 1))
        await log.append(append("a"))
        assert list(await log.streams(until)) == [("b", len(A_LIFE) + 1), (odd, 2)]
        records = [one for stream in (odd, "b") for one in await log.stream(stream) if one.position <= until]
        page = await log.histories([odd, "b"], until)
        assert list(page.entries()) == [
            (one.position, one.stream, one.version, one.at, brief)
            for one, brief in zip(records, CODEC.shorten([one.event for one in records]), strict=True)
        ]
        assert not await log.histories(["a"], until)
        assert list((await log.histories(["a", odd], until)).streams) == [odd, odd]
        assert list(await log.streams(0)) == []

    async def test_an_event_is_returned_as_it_will_be_read(self, log: EventLog) -> None:
        (asked,) = [event for event in A_LIFE if event.__struct_config__.tag == "take.completed"][:1]
        (appended,) = await log.append(append("a", asked))
        (found,) = await log.read()
        assert appended.event == found.event == asked

    async def test_each_record_is_tied_to_the_one_before(self, log: EventLog) -> None:
        await log.append(append("a", *A_LIFE))
        await log.append(append("b", cause="request:1"))
        await log.append(append("b", some(2), expected=1, cause=""))
        assert_chained(await log.read())

    async def test_a_stale_version_is_refused_with_both_versions(self, log: EventLog) -> None:
        await log.append(append("a", some(1), some(2)))
        with pytest.raises(StaleVersion, match="stream a is at version 2, not 1") as refused:
            await log.append(append("a", expected=1))
        assert (refused.value.expected, refused.value.actual) == (1, 2)
        assert log.head == 2

    async def test_a_version_that_is_not_there_yet_is_refused(self, log: EventLog) -> None:
        with pytest.raises(StaleVersion) as refused:
            await log.append(append("a", expected=3))
        assert (refused.value.expected, refused.value.actual) == (3, 0)
        assert log.head == 0

    async def test_of_a_hundred_appends_at_one_version_one_succeeds(self, log: EventLog) -> None:
        await log.append(append("a"))
        outcomes = await asyncio.gather(
            *(log.append(append("a", some(number), expected=1)) for number in range(100)),
            return_exceptions=True,
        )
        stale = [outcome for outcome in outcomes if isinstance(outcome, StaleVersion)]
        assert len(stale) == 99
        assert {(refused.expected, refused.actual) for refused in stale} == {(1, 2)}
        assert log.head == 2

    async def test_an_append_is_all_or_nothing(self, log: EventLog) -> None:
        with pytest.raises(UnicodeEncodeError):
            await log.append(append("a", some(1), UNWRITABLE, some(3)))
        assert log.head == 0
        assert list(await log.read()) == []
        (record,) = await log.append(append("a"))
        assert (record.position, record.version) == (1, 1)

    async def test_an_append_that_cannot_be_written_hurts_no_other(self, log: EventLog) -> None:
        asked = [append("a"), append("b"), append("c", UNWRITABLE), append("d")]
        outcomes = await asyncio.gather(*map(log.append, asked), return_exceptions=True)
        assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, False, True, False]
        assert [record.stream for record in await log.read()] == ["a", "b", "d"]

    async def test_an_empty_append_is_refused(self, log: EventLog) -> None:
        with pytest.raises(ValueError, match="nothing to append"):
            await log.append(EMPTY)

    @pytest.mark.parametrize("stream", ["a\nb", "a\u2028b", "a\0", "\ud800"])
    async def test_a_stream_that_is_not_one_printable_line_is_refused(
        self, log: EventLog, stream: str
    ) -> None:
        with pytest.raises(ValueError, match="not one line of printable text"):
            await log.append(append(stream))
        assert log.head == 0

    async def test_a_command_is_appended_once(self, log: EventLog) -> None:
        first = await log.append(append("a", some(1), some(2), cause="request:1"))
        again = await log.append(append("a", some(1), some(2), cause="request:1"))
        assert list(again) == list(first)
        assert log.head == 2

    async def test_a_command_is_answered_as_before_after_its_stream_has_moved_on(self, log: EventLog) -> None:
        first = await log.append(append("a", cause="request:1"))
        await log.append(append("a", some(2), expected=1))
        again = await log.append(append("a", some(9), expected=2, cause="request:1"))
        assert list(again) == list(first)
        assert log.head == 2

    async def test_a_command_that_comes_twice_at_one_moment_is_appended_once(self, log: EventLog) -> None:
        asked = append("a", some(1), some(2), cause="request:1")
        first, *others = await asyncio.gather(*(log.append(asked) for _ in range(20)))
        assert all(list(other) == list(first) for other in others)
        assert log.head == 2

    async def test_a_refused_command_can_be_tried_again(self, log: EventLog) -> None:
        with pytest.raises(StaleVersion):
            await log.append(append("a", expected=1, cause="request:1"))
        (record,) = await log.append(append("a", cause="request:1"))
        assert record.position == 1

    async def test_another_event_may_be_the_cause_of_many_appends(self, log: EventLog) -> None:
        (cause,) = await log.append(append("a"))
        for version in (1, 2):
            await log.append(append("a", some(1), expected=version, cause=cause.id))
        assert log.head == 3

    async def test_reading_goes_on_after_a_position_up_to_a_limit(self, log: EventLog) -> None:
        await log.append(append("a", *map(some, range(10))))
        assert [record.position for record in await log.read(3, 4)] == [4, 5, 6, 7]
        assert [record.position for record in await log.read(8)] == [9, 10]
        assert list(await log.read(10)) == []

    async def test_a_stream_is_read_after_a_version(self, log: EventLog) -> None:
        await log.append(append("a", some(1), some(2)))
        await log.append(append("b"))
        await log.append(append("a", some(3), expected=2))
        assert [record.version for record in await log.stream("a", 1)] == [2, 3]
        assert list(await log.stream("nobody")) == []

    async def test_a_part_of_a_stream_is_found_by_positions_of_the_log(self, log: EventLog) -> None:
        for number in range(9):
            await log.append(append("a", some(number), expected=number))
            await log.append(append("b", some(number), some(number), expected=2 * number))
        at = [record.position for record in await log.stream("a")]
        for position in range(log.head + 2):
            assert await log.version_at("a", position) == sum(one <= position for one in at)
        assert [await log.version_at("nobody", position) for position in (0, log.head)] == [0, 0]
        assert [record.version for record in await log.stream("a", 4, 3)] == [5, 6, 7]
        assert [record.version for record in await log.stream("a", 8, 3)] == [9]
        assert list(await log.stream("a", 4, 0)) == list(await log.stream("a", 9, 3)) == []

    async def test_what_a_command_appended_can_be_asked_for(self, log: EventLog) -> None:
        await log.append(append("a"))
        appended = await log.append(append("b", some(1), some(2), cause="request:1"))
        await log.append(append("c", cause="request:11"))
        assert list(await log.command("request:1")) == list(appended)

    async def test_a_command_that_never_came_or_was_refused_appended_nothing(self, log: EventLog) -> None:
        with pytest.raises(StaleVersion):
            await log.append(append("a", expected=1, cause="request:1"))
        assert list(await log.command("request:1")) == []
        assert list(await log.command("request:2")) == []

    async def test_another_cause_is_no_command(self, log: EventLog) -> None:
        await log.append(append("a", cause="an event's id"))
        assert list(await log.command("an event's id")) == []

    async def test_a_log_is_verified_up_to_its_head(self, log: EventLog) -> None:
        await log.append(append("a", some(1), some(2)))
        await log.append(append("b", some(3)))
        assert [position async for position in log.verify()][-1] == log.head == 3

    async def test_a_time_has_the_position_of_the_last_record_until_then(self, log: EventLog) -> None:
        times = [f"2026-11-2{day}T12:00:00.000000Z" for day in (1, 3, 3, 5)]
        for number, at in enumerate(times):
            await log.append(replace(append("a", expected=number), at=at))
        asked = [f"2026-11-2{day}T12:00:00.000000Z" for day in range(7)]
        assert [await log.position_at(at) for at in asked] == [0, 1, 1, 3, 3, 4, 4]

    async def test_where_a_clock_went_back_no_record_at_the_position_of_a_time_is_later(
        self, log: EventLog
    ) -> None:
        for number, hour in enumerate((12, 15, 11, 13, 16)):
            await log.append(replace(append("a", expected=number), at=f"2026-11-21T{hour}:00:00.000000Z"))
        records = [*await log.read()]
        for hour in range(10, 17):
            at = f"2026-11-21T{hour}:30:00.000000Z"
            position = await log.position_at(at)
            assert position == 0 or records[position - 1].at <= at
            assert position == log.head or records[position].at > at

    async def test_waiting_ends_at_once_for_what_is_there(self, log: EventLog) -> None:
        await log.append(append("a"))
        with anyio.fail_after(DEADLINE):
            await log.wait(0)
            await log.wait(1)

    async def test_whoever_waits_is_woken_when_the_log_is_that_far(self, log: EventLog) -> None:
        seen: list[int] = []

        async def wait(position: int) -> None:
            await log.wait(position)
            seen.append(position)
            assert log.head >= position

        with anyio.fail_after(DEADLINE):
            async with anyio.create_task_group() as tasks:
                for position in (3, 1, 2):
                    tasks.start_soon(wait, position)
                await anyio.wait_all_tasks_blocked()
                assert seen == []
                for version in range(3):
                    await log.append(append("a", expected=version))
        assert sorted(seen) == [1, 2, 3]

    async def test_one_who_gives_up_waiting_holds_up_no_other(self, log: EventLog) -> None:
        waiting = [asyncio.create_task(log.wait(1)) for _ in range(2)]
        await anyio.wait_all_tasks_blocked()
        waiting[0].cancel()
        await log.append(append("a"))
        await asyncio.wait_for(waiting[1], DEADLINE)
        assert waiting[0].cancelled()

    async def test_following_misses_nothing_that_comes_while_it_reads(self, log: EventLog) -> None:
        await log.append(append("a", *map(some, range(5))))

        async def produce() -> None:
            for version in range(5, 105):
                await log.append(append("a", some(version), expected=version))

        seen: list[Record] = []
        with anyio.fail_after(DEADLINE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(produce)
                async for record in follow(log, 2):
                    seen.append(record)
                    if record.position == 105:
                        break
        assert [record.position for record in seen] == list(range(3, 106))
        assert_chained(seen, after=(await log.read(1, 1))[0].hash)

    async def test_following_waits_at_the_end_and_goes_on(self, log: EventLog) -> None:
        await log.append(append("a"))
        tail = follow(log, 1)
        coming = asyncio.ensure_future(anext(tail))
        await anyio.wait_all_tasks_blocked()
        assert not coming.done()
        (appended,) = await log.append(append("b"))
        assert await asyncio.wait_for(coming, DEADLINE) == appended

    async def test_following_crosses_more_than_one_page(self, log: EventLog) -> None:
        await log.append(append("a", *map(some, range(2500))))
        positions: list[int] = []
        async for record in follow(log, 0):
            positions.append(record.position)
            if record.position == 2500:
                break
        assert positions == list(range(1, 2501))


def assert_chained(records: Sequence[Record], after: str = GENESIS) -> None:
    """Each hash is the one of its record's fields and the hash before it."""
    for record in records:
        data, schema = CODEC.encode(record.event), CODEC.schema(record.event)
        fields = (record.position, record.stream, record.version, record.id, record.at, record.actor)
        after = chain(after, *fields, record.cause or "", schema, data)
        assert record.hash == after
