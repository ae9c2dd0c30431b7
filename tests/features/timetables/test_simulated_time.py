"""Time that passes in a home with a simulated clock: step by step with workers, at once without, and never for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.record_lookup.newest_executions import iter_newest
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.timetables.clock import TimetableClock
from qdash_builtin.timetables.due_occurrences import DueOccurrences
from qdash_builtin.timetables.feature import SIMULATED_TIME, TIMETABLE_CLOCK, TIMETABLES
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_builtin.timetables.service import TimetableService
from qdash_builtin.timetables.simulated_time import SimulatedTimeService
from qdash_core import AccessDeniedError, BackendError, ConflictError, InvalidInputError
from qdash_core.errors import StoreUnavailableError
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, get_clock, open_clock
from qdash_core.repositories.executions import EventRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, LINE, PROJECT, SIGNAL, Bench, make_backend_by_chip, make_task
from ...core.runs.crew import Crew, wait_until
from .conftest import make_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_builtin.timetables.simulated_time import TimeStep

START = datetime(2026, 1, 5, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTLY = Cron(expression="0 1 * * *")


def measure_for(duration: timedelta) -> Any:
    """Return the measurement of a task that takes this laboratory time."""

    def measure(_task: object, _backend: object) -> object:
        clock = get_clock()
        clock.advance_to(clock.now() + duration)
        return SIGNAL

    return measure


class SimulatedHome:
    """A bench whose home has a simulated clock, with workers in this process."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.qdash, self.crew = bench, bench.qdash, Crew(bench)

    @property
    def now(self) -> datetime:
        """Time of the home, in full minutes."""
        return self.qdash.clock.now().replace(second=0, microsecond=0)

    def add(self, when: Any = NIGHTLY, **given: Any) -> None:
        """Create a timetable in UTC."""
        self.qdash.get(TIMETABLES).add(
            ADMIN, given.pop("name", "nightly"), make_request(), when, timezone="UTC", **given
        )

    @contextmanager
    def run_worker(self) -> Iterator[None]:
        """Run a worker that handles timetables for the length of a block."""
        with self.crew.run_worker(start_due=self.qdash.get(TIMETABLE_CLOCK).handle_due):
            wait_until(self.qdash.get(RUNS).queue.view.list_workers, what="the worker is registered")
            yield

    def pass_until(self, until: datetime) -> list[TimeStep]:
        return self.qdash.get(SIMULATED_TIME).pass_until(ADMIN, until)

    def list_starts(self) -> list[datetime | None]:
        """Return the starts of all runs, in full minutes, in order."""
        found = [one.start_at for one in iter_newest(self.bench.repositories, PROJECT)]
        return [one and one.replace(second=0, microsecond=0) for one in found[::-1]]

    def list_outcomes(self) -> list[str]:
        """Return the recorded outcomes of the timetables."""
        return [
            one.kind.removeprefix("timetable.")
            for one in self.bench.list_events(0)
            if one.kind.startswith("timetable.") and "at" in one.data
        ]


@pytest.fixture
def home(tmp_path: Path, no_settings: None, request: pytest.FixtureRequest) -> Iterator[SimulatedHome]:
    """A home whose clock starts at 17:00 of 2026-01-05, UTC; a measurement takes ten minutes, or the time of the parameter."""
    duration = getattr(request, "param", timedelta(minutes=10))
    SimulatedClock.create(tmp_path / CLOCK_FILE, START)
    bench = Bench.open(
        tmp_path,
        "memory://",
        make_task(measure=measure_for(duration)),
        backends=[make_backend_by_chip(simulated=True)],
    )
    home = SimulatedHome(bench)
    yield home
    with home.crew:
        pass
    bench.qdash.close()
    ordinary = tmp_path / "ordinary"
    close_clock(open_clock(ordinary))


# -------------------------------------------------------------------------------------------------- with live workers


def test_nights_pass_with_the_run_of_each_on_time(home: SimulatedHome) -> None:
    home.add()
    with home.run_worker():
        steps = home.pass_until(START + 3 * DAY)
    assert home.list_starts() == [datetime(2026, 1, day, 1, tzinfo=UTC) for day in (6, 7, 8)]
    assert home.list_outcomes() == ["started"] * 3
    assert [one.at.replace(second=0, microsecond=0) for one in steps] == [
        *(datetime(2026, 1, day, 1, 10, tzinfo=UTC) for day in (6, 7, 8)),
        START + 3 * DAY,
    ]
    assert home.now == START + 3 * DAY
    assert not any(one.unattended for one in steps)


def test_a_run_that_waits_is_performed_before_time_passes(home: SimulatedHome) -> None:
    home.crew.submit()
    with home.run_worker():
        home.pass_until(START + DAY)
    assert home.list_starts() == [START]


def test_a_start_while_the_queue_is_read_is_not_overlooked(
    home: SimulatedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add()
    home.crew.register("worker")
    view, handle_due = home.qdash.get(RUNS).queue.view, home.qdash.get(TIMETABLE_CLOCK).handle_due
    list_entries = view.list_entries

    def list_and_start(*given: Any) -> Any:
        found = list_entries(*given)
        handle_due()  # by a worker, between two readings of the waiting process
        return found

    monkeypatch.setattr(view, "list_entries", list_and_start)
    handle_due()
    service = SimulatedTimeService(home.qdash, home.qdash.get(RUNS).queue, patience_s=0.2)
    with pytest.raises(ConflictError, match="timetable nightly is due"):
        service.pass_until(ADMIN, START + DAY)
    assert home.now == datetime(2026, 1, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("home", [timedelta(hours=5)], indirect=True)
def test_occurrences_during_a_long_run_are_skipped_as_the_run_before_them_has_not_ended(
    home: SimulatedHome,
) -> None:
    home.add(Interval(every_s=7200.0, anchor=START))
    with home.run_worker():
        home.pass_until(START + timedelta(hours=3))
    assert home.list_outcomes() == ["started", "skipped", "skipped"]
    assert home.list_starts() == [START + timedelta(hours=2)]
    assert home.now == START + timedelta(hours=7), "the run that began before the end of the wait has ended"


def test_a_leap_between_two_checks_makes_no_start_late(home: SimulatedHome) -> None:
    home.add(name="first", when=Moment(at=START + HOUR))
    home.add(name="second", when=Moment(at=START + 2 * HOUR))
    clock = home.qdash.get(TIMETABLE_CLOCK)
    assert clock.handle_due() == []
    home.qdash.clock.advance_to(START + 3 * HOUR)
    assert [(one.name, one.outcome.became, one.outcome.at) for one in clock.handle_due()] == [
        ("first", "started", START + HOUR),
        ("second", "started", START + 2 * HOUR),
    ]


def test_a_process_that_was_not_there_missed_the_start(home: SimulatedHome) -> None:
    home.add()
    home.qdash.clock.advance_to(START + DAY)
    (missed,) = home.qdash.get(TIMETABLE_CLOCK).handle_due()
    assert missed.outcome.became == "missed"


def test_a_timetable_in_a_zone_that_is_not_known_does_not_stop_the_time(
    home: SimulatedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add()
    monkeypatch.setattr(DueOccurrences, "find", Mock(side_effect=InvalidInputError("not a known time zone")))
    with home.run_worker():
        home.pass_until(START + DAY)
    assert home.list_outcomes() == ["failed"]
    assert home.now == START + DAY


def test_a_machine_that_slept_missed_the_start(home: SimulatedHome, tmp_path: Path) -> None:
    """With the clock of the machine, a process that is there again after hours was not there meanwhile."""
    home.qdash.close()
    times = iter([START, START + DAY])
    with_machine = Bench.open(
        tmp_path / "machine", "memory://", make_task(), backends=[make_backend_by_chip()]
    )
    qdash = with_machine.qdash
    timetables = TimetableService(qdash, qdash.get(RUNS).submissions, clock=lambda: START)
    timetables.add(ADMIN, "nightly", make_request(), NIGHTLY, timezone="UTC")
    clock = TimetableClock(
        qdash,
        qdash.get(RUNS).submissions,
        digests=qdash.get(DIGEST_DELIVERY),
        get_pruner=lambda: qdash.get(PRUNER),
        clock=lambda: next(times),
    )
    assert clock.handle_due() == []
    assert [one.outcome.became for one in clock.handle_due()] == ["missed"]
    qdash.close()


# ---------------------------------------------------------------------------------------------- without, and refusals


def test_without_a_worker_nothing_that_is_due_is_passed_unless_that_is_wanted(home: SimulatedHome) -> None:
    service = SimulatedTimeService(home.qdash, home.qdash.get(RUNS).queue, worker_patience_s=0.2)
    service.pass_until(ADMIN, START + HOUR)
    home.add()
    with pytest.raises(ConflictError, match="no worker is running, and timetables are due"):
        service.pass_until(ADMIN, START + 14 * DAY)
    assert (home.now, home.list_outcomes()) == (START + HOUR, [])
    home.crew.submit()
    (step,) = service.pass_until(ADMIN, START + 14 * DAY, without_worker=True)
    assert step.unattended
    assert (home.now, home.list_starts(), home.list_outcomes()) == (START + 14 * DAY, [None], [])


def test_time_waits_for_a_worker_that_starts_later_or_again(home: SimulatedHome) -> None:
    home.add()
    with ThreadPoolExecutor(1) as thread:
        waited = thread.submit(home.pass_until, START + 2 * DAY)
        with home.run_worker():
            wait_until(lambda: home.list_outcomes() == ["started"], what="the first night has begun")
        with home.run_worker():
            waited.result(timeout=60)
    assert home.list_outcomes() == ["started"] * 2


def test_it_is_given_up_after_a_bounded_real_time_without_progress(home: SimulatedHome) -> None:
    session = home.bench.start_session()
    service = SimulatedTimeService(home.qdash, home.qdash.get(RUNS).queue, patience_s=0.2)
    with pytest.raises(
        ConflictError, match=r"nothing has happened for 0\.2 s of real time: .* is in use by execution"
    ):
        service.pass_until(ADMIN, START + DAY)
    assert home.now == START
    session.complete()
    service.pass_until(ADMIN, START + DAY)
    assert home.now == START + DAY


def test_what_an_outage_of_the_store_ended_is_repeated_and_goes_on_from_there(
    home: SimulatedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add()
    list_due, losses = TimetableRepository.list_due, [StoreUnavailableError("the connection was lost")]

    def fail_in_the_second_night(repository: TimetableRepository, until: datetime) -> Any:
        if home.now > START + DAY and current_thread() is main_thread() and losses:  # not in the worker
            raise losses.pop()
        return list_due(repository, until)

    monkeypatch.setattr(TimetableRepository, "list_due", fail_in_the_second_night)
    with home.run_worker():
        with pytest.raises(StoreUnavailableError, match="the connection was lost"):
            home.pass_until(START + 3 * DAY)
        assert START + DAY < home.now < START + 3 * DAY
        home.pass_until(START + 3 * DAY)
    assert home.list_starts() == [datetime(2026, 1, day, 1, tzinfo=UTC) for day in (6, 7, 8)]
    assert home.now == START + 3 * DAY


def test_a_time_that_is_not_in_the_future_and_another_clock_are_refused(
    home: SimulatedHome, tmp_path: Path
) -> None:
    with pytest.raises(
        InvalidInputError, match="is not in the future of this home: its clock shows 2026-01-05 17:00"
    ):
        home.pass_until(START)
    with pytest.raises(AccessDeniedError):
        home.qdash.get(SIMULATED_TIME).pass_until(access_of("bob", role=ProjectRole.VIEWER), START + DAY)
    home.qdash.close()
    ordinary = Bench.open(tmp_path / "ordinary", "memory://", make_task())
    with pytest.raises(InvalidInputError, match="this home has the clock of the machine"):
        ordinary.qdash.get(SIMULATED_TIME).pass_until(ADMIN, START + DAY)
    ordinary.qdash.close()


def test_a_backend_that_measures_in_real_time_is_refused_and_nothing_is_written(home: SimulatedHome) -> None:
    registry = home.bench.reinstall(make_task(), backends=[make_backend_by_chip()]).qdash
    before = registry.repositories.of(EventRepository).get_last_seq(PROJECT)
    refused = "backend bench measures in real time, and home .* has a simulated clock"
    with pytest.raises(InvalidInputError, match=refused):
        registry.get(CHIPS).create(ADMIN, "other", LINE, backend="bench")
    with pytest.raises(InvalidInputError, match=refused):
        registry.get(RUNS).submissions.submit(ADMIN, make_request())
    with pytest.raises((InvalidInputError, BackendError), match=refused):
        Bench(registry).start_session()
    assert registry.repositories.of(EventRepository).get_last_seq(PROJECT) == before
    assert [one.chip_id for one in registry.get(CHIPS).list_by_project(ADMIN)] == [CHIP]
    assert registry.get(RUNS).queue.view.list_entries() == []
