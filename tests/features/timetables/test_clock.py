"""Processing of a due occurrence, by any process, and with any delay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.people.feature import MEMBERS
from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_builtin.runs.queue import RunQueue
from qdash_builtin.timetables import calendar
from qdash_builtin.timetables.clock import TimetableClock
from qdash_builtin.timetables.due_occurrences import DueOccurrences
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_builtin.timetables.starts import TimetableStarts
from qdash_core import StoreUnavailableError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runtime.application import QDash

from ...access import ADMIN, access_of
from ...core.bench import PROJECT
from .conftest import MIDNIGHT, NIGHTLY, make_request

if TYPE_CHECKING:
    from qdash_builtin.timetables.models.timetable import TimetableModel
    from qdash_core.hooks.notice import Notice
    from qdash_core.repositories.repositories import Repositories

    from .conftest import Night

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.every_store
def test_when_its_moment_has_come_a_run_is_submitted_once(night: Night) -> None:
    night.add(request=make_request(tags=("night",)))
    assert night.look_at(MIDNIGHT - SECOND) == []
    (start,) = night.look_at(MIDNIGHT + SECOND)
    assert (start.name, start.outcome.became, start.outcome.at) == ("nightly", "started", MIDNIGHT)
    execution = night.bench.get_execution(start.outcome.execution_id)
    assert (execution.status, execution.username, execution.tags) == ("scheduled", "admin", ["night"])
    assert night.bench.qdash.get(QUEUE).show(ADMIN, execution.execution_id).entry.detached
    assert night.look_at(MIDNIGHT + 2 * SECOND) == []
    seen = night.timetables.show(ADMIN, "nightly")
    assert seen.timetable.last == start.outcome
    assert seen.timetable.execution_id == execution.execution_id
    assert seen.next_starts == [MIDNIGHT + DAY, MIDNIGHT + 2 * DAY, MIDNIGHT + 3 * DAY]
    (event,) = night.list_events()
    assert (event.kind, event.execution_id, event.chip_id) == (
        "timetable.started",
        execution.execution_id,
        "chip",
    )
    assert event.data == {"name": "nightly", "at": MIDNIGHT.isoformat(), "message": ""}


def test_it_goes_on_night_for_night(night: Night) -> None:
    night.add()
    for number in range(3):
        (start,) = night.look_at(MIDNIGHT + number * DAY)
        night.perform(start.outcome.execution_id)
    assert [night.bench.get_execution(one).status for one in night.executions] == ["completed"] * 3


def test_what_nobody_looked_at_in_time_is_told_and_not_started(night: Night) -> None:
    night.add()
    (start,) = night.look_at(MIDNIGHT + 2 * DAY + HOUR)
    assert start.outcome.became == "missed"
    assert start.outcome.why == (
        "its starts from 2026-04-02 00:00:00+00:00 to 2026-04-04 00:00:00+00:00 were missed: nobody was there to begin them"
    )
    assert night.executions == []
    assert [(one.kind, one.data["message"]) for one in night.list_events()] == [
        ("timetable.missed", start.outcome.why)
    ]
    assert night.timetables.show(ADMIN, "nightly").timetable.last == start.outcome


def test_what_was_missed_is_started_once_where_that_is_asked_for(night: Night) -> None:
    night.add(missed="once")
    (start,) = night.look_at(MIDNIGHT + 2 * DAY + HOUR)
    assert (start.outcome.became, start.outcome.at) == ("started", MIDNIGHT + 2 * DAY)
    assert "were missed" in start.outcome.why
    assert len(night.executions) == 1
    assert night.list_kinds() == ["missed", "started"]


@pytest.mark.parametrize("missed", ["skip", "once"])
def test_one_that_is_on_time_is_the_only_one_that_is_started(night: Night, missed: str) -> None:
    night.add(missed=missed)
    (start,) = night.look_at(MIDNIGHT + DAY + 30 * SECOND)
    assert (start.outcome.became, start.outcome.at) == ("started", MIDNIGHT + DAY)
    assert (
        start.outcome.why == "its start of 2026-04-02 00:00:00+00:00 was missed: nobody was there to begin it"
    )
    assert len(night.executions) == 1
    assert night.list_kinds() == ["missed", "started"]


@pytest.mark.every_store
def test_no_two_runs_of_one_timetable_are_there_at_once(night: Night) -> None:
    night.add(when=Interval(every_s=3600))
    (first,) = night.look_at(night.clock.now + HOUR)
    (second,) = night.look_at(night.clock.now + HOUR)
    assert second.outcome.became == "skipped"
    assert second.outcome.why == f"its last start, execution {first.outcome.execution_id}, waits still"
    night.perform(first.outcome.execution_id)
    (third,) = night.look_at(night.clock.now + HOUR)
    assert third.outcome.became == "started"
    assert night.list_kinds() == ["started", "skipped", "started"]


def test_nothing_is_started_nor_missed_while_it_is_paused(night: Night) -> None:
    night.add()
    paused = night.timetables.pause(ADMIN, "nightly")
    assert paused.next_starts == []
    assert night.look_at(MIDNIGHT + DAY) == []
    resumed = night.timetables.resume(ADMIN, "nightly")
    assert resumed.next_starts[0] == MIDNIGHT + 2 * DAY
    assert night.look_at(MIDNIGHT + 2 * DAY - SECOND) == []
    assert len(night.look_at(MIDNIGHT + 2 * DAY)) == 1
    assert night.list_kinds() == ["started"]


def test_nothing_is_started_after_its_end(night: Night) -> None:
    night.add(until=MIDNIGHT + HOUR, missed="once")
    assert night.look_at(MIDNIGHT)[0].outcome.became == "started"
    assert night.timetables.show(ADMIN, "nightly").next_starts == []
    assert night.look_at(MIDNIGHT + 5 * DAY) == []


def test_what_was_missed_before_its_end_is_not_started_after_it(night: Night) -> None:
    night.add(until=MIDNIGHT + HOUR, missed="once")
    assert night.look_at(MIDNIGHT + 2 * HOUR)[0].outcome.became == "missed"
    assert night.executions == []


def test_one_of_a_single_moment_stays_when_that_is_over(night: Night) -> None:
    night.add(when=Moment(at=MIDNIGHT))
    assert night.look_at(MIDNIGHT + SECOND)[0].outcome.became == "started"
    assert night.look_at(MIDNIGHT + DAY) == []
    assert night.timetables.show(ADMIN, "nightly").next_starts == []


def test_a_run_that_is_refused_is_told_and_the_next_night_is_tried_again(night: Night) -> None:
    night.bench.add_chip("other")
    night.add(request=make_request(chip_id="other"))
    night.add("of-chip")
    night.bench.qdash.get(CHIPS).delete(ADMIN, "other", force=True)
    first, second = sorted(night.look_at(MIDNIGHT), key=lambda one: one.name)
    assert (first.outcome.became, second.outcome.became) == ("failed", "started")
    assert "no chip 'other'" in first.outcome.why
    assert "failed" in night.list_kinds()
    night.bench.add_chip("other")
    assert "started" in {one.outcome.became for one in night.look_at(MIDNIGHT + DAY) if one.name == "nightly"}


def test_who_may_not_run_anything_any_more_starts_nothing(night: Night) -> None:
    qdash = night.bench.qdash
    qdash.enroll("bob", PROJECT)
    night.timetables.add(access_of("bob"), "bobs", make_request(), NIGHTLY, timezone="UTC")
    qdash.get(MEMBERS).change_role(ADMIN, "bob", ProjectRole.VIEWER)
    (start,) = night.look_at(MIDNIGHT)
    assert start.outcome.became == "failed"
    assert "user 'bob' is viewer" in start.outcome.why


def test_a_start_that_is_too_late_to_begin_is_not_begun(night: Night) -> None:
    """A run is queued until its deadline; then it is removed, and no worker gets it."""
    now = utc_now()
    night.clock.now = now
    night.add(when=Moment(at=now + HOUR), begin_within_s=600)
    (start,) = night.look_at(now + HOUR + SECOND)
    run, queue = start.outcome.execution_id, night.bench.qdash.get(RUNS).queue
    entry = queue.view.find(PROJECT, run)
    assert entry is not None
    assert entry.begin_before == now + HOUR + timedelta(minutes=10)
    later = RunQueue(night.bench.qdash, clock=lambda: now + 2 * HOUR)
    assert not later.claim(entry, "worker")
    queue.sweep()
    assert queue.view.find(PROJECT, run) is not None
    later.sweep()
    assert queue.view.find(PROJECT, run) is None
    ended = night.bench.get_execution(run)
    assert ended.status is ExecutionStatus.CANCELLED
    assert ended.message.startswith("its deadline ")
    assert ended.message.endswith("passed before it could begin")


def test_what_has_begun_goes_on_behind_its_deadline(night: Night) -> None:
    now = utc_now()
    night.clock.now = now
    night.add(when=Moment(at=now + HOUR), begin_within_s=600)
    (start,) = night.look_at(now + HOUR)
    later = RunQueue(night.bench.qdash, clock=lambda: now + 2 * HOUR)
    entry = later.view.find(PROJECT, start.outcome.execution_id)
    assert entry is not None
    assert night.bench.qdash.get(RUNS).queue.claim(entry, "worker")
    night.bench.repositories.of(QueueRepository).put(entry.model_copy(update={"resume": True}))
    later.sweep()
    assert later.view.find(PROJECT, start.outcome.execution_id) is not None


def test_a_look_behind_the_deadline_starts_nothing(night: Night) -> None:
    night.add(begin_within_s=600, missed="once")
    assert night.look_at(MIDNIGHT + HOUR)[0].outcome.became == "missed"
    assert night.executions == []


@pytest.mark.every_store
def test_of_many_who_look_at_once_one_starts(night: Night) -> None:
    night.add()
    night.clock.now = MIDNIGHT
    with ThreadPoolExecutor(8) as threads:
        found = [one.result() for one in [threads.submit(night.timetable_clock.handle_due) for _ in range(8)]]
    assert len([start for starts in found for start in starts]) == 1
    assert len(night.executions) == 1
    assert night.list_kinds() == ["started"]


class Listener:
    """A notifier that records its notices."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: Queue[Notice] = Queue()

    def notify(self, event: Notice) -> None:
        self.heard.put(event)


def test_who_listens_is_told_of_what_was_missed(night: Night) -> None:
    night.add()
    listener = Listener()
    night.bench.qdash.__dict__["notifiers"] = [listener]
    night.look_at(MIDNIGHT + HOUR)
    notice = listener.heard.get(timeout=30)
    assert notice.kind == "timetable.missed"
    assert notice.title == (
        "chip: nightly missed: its start of 2026-04-02 00:00:00+00:00 was missed: nobody was there to begin it"
    )


@pytest.mark.every_store
def test_only_what_is_due_is_read(night: Night) -> None:
    night.add("later", when=Moment(at=MIDNIGHT + 9 * DAY))
    night.add("now")
    night.add("never", paused=True)
    assert [one.name for one in night.bench.repositories.of(TimetableRepository).list_due(MIDNIGHT)] == [
        "now"
    ]


class BlockedRuntime(QDash):
    """A process that has read the due occurrences, and continues after others have processed them."""

    @property
    def repositories(self) -> Repositories:
        found = super().repositories
        due = self.__dict__.setdefault("read", found.of(TimetableRepository).list_due(MIDNIGHT))
        found.of(TimetableRepository).list_due = lambda now: due  # type: ignore[method-assign]
        return found


def make_blocked_clock(night: Night) -> TimetableClock:
    qdash = BlockedRuntime(
        **{one.name: getattr(night.bench.qdash, one.name) for one in fields(night.bench.qdash)}
    )
    assert len(qdash.repositories.of(TimetableRepository).list_due(MIDNIGHT)) == 1
    return TimetableClock(
        qdash,
        qdash.get(RUNS).submissions,
        digests=qdash.get(DIGEST_DELIVERY),
        get_pruner=lambda: qdash.get(PRUNER),
        clock=night.clock,
    )


def test_who_was_held_up_starts_nothing_again(night: Night) -> None:
    night.add()
    late = make_blocked_clock(night)
    (start,) = night.look_at(MIDNIGHT)
    night.perform(start.outcome.execution_id)
    assert late.handle_due() == []
    assert len(night.executions) == 1


def test_who_was_held_up_starts_nothing_that_was_changed_since(night: Night) -> None:
    night.add()
    late = make_blocked_clock(night)
    night.timetables.pause(ADMIN, "nightly")
    night.clock.now = MIDNIGHT
    assert late.handle_due() == []
    assert night.executions == []


@pytest.mark.every_store
def test_while_the_store_is_away_nothing_is_dealt_with(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.add()

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailableError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(night.bench.qdash.get(RUNS).submissions, "submit", away)
        with pytest.raises(StoreUnavailableError):
            night.look_at(MIDNIGHT)
    assert night.look_at(MIDNIGHT + 10 * SECOND)[0].outcome.became == "started"


def test_moments_are_those_of_its_zone(night: Night) -> None:
    night.add(when=Cron(expression="0 2 * * *"), timezone="Asia/Tokyo")
    two_in_tokyo = datetime(2026, 4, 1, 17, tzinfo=UTC)
    assert night.look_at(two_in_tokyo - SECOND) == []
    assert night.look_at(two_in_tokyo)[0].outcome.at == two_in_tokyo


def forget_zone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Remove a time zone from this machine."""

    def zone(wanted: str) -> ZoneInfo:
        if wanted == name:
            raise ZoneInfoNotFoundError(wanted)
        return ZoneInfo(wanted)

    monkeypatch.setattr(calendar, "ZoneInfo", zone)


def test_a_zone_that_this_machine_does_not_know_holds_up_no_other_timetable(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.add("abroad", timezone="Asia/Tokyo")
    night.add()
    forget_zone(monkeypatch, "Asia/Tokyo")
    failed, started = night.look_at(MIDNIGHT)
    assert (failed.outcome.became, started.outcome.became) == ("failed", "started")
    assert "'Asia/Tokyo' is not a known time zone" in failed.outcome.why
    assert night.look_at(MIDNIGHT + SECOND) == []
    shown = night.timetables.list_by_project(ADMIN)
    assert [len(one.next_starts) for one in shown] == [0, 3]


def test_what_one_machine_cannot_tell_another_one_starts(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.add("abroad", timezone="Asia/Tokyo")
    with monkeypatch.context() as patched:
        forget_zone(patched, "Asia/Tokyo")
        assert night.look_at(MIDNIGHT - 9 * HOUR + SECOND) == []
    assert night.look_at(MIDNIGHT - 9 * HOUR + 2 * SECOND)[0].outcome.became == "started"


def test_when_the_zone_is_known_again_the_timetable_goes_on(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.add("abroad", timezone="Asia/Tokyo")
    with monkeypatch.context() as patched:
        forget_zone(patched, "Asia/Tokyo")
        assert night.look_at(MIDNIGHT)[0].outcome.became == "failed"
    assert night.look_at(MIDNIGHT + HOUR) == []
    assert night.look_at(MIDNIGHT + 15 * HOUR)[0].outcome.became == "started"


@pytest.mark.parametrize("recorded", [True, False])
def test_one_that_cannot_be_looked_at_holds_up_no_other(
    night: Night, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    night.add("odd")
    night.add()
    find = DueOccurrences.find

    def odd(timetable: TimetableModel, now: datetime) -> DueOccurrences | None:
        if timetable.name == "odd":
            raise ZeroDivisionError
        return find(timetable, now)

    def odd_outcome(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(DueOccurrences, "find", odd)
    if not recorded:
        monkeypatch.setattr(TimetableStarts, "write_without_run", odd_outcome)
    found = {one.name: (one.outcome.became, one.outcome.why) for one in night.look_at(MIDNIGHT)}
    assert found.pop("nightly") == ("started", "")
    assert found == ({"odd": ("failed", "ZeroDivisionError")} if recorded else {})
