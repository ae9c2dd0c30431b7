"""Timetables of runs and digests under any interleaving of processing and changes: every occurrence is processed once,
and reported.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.timetables.after_cooldowns import follow_cooldown
from qdash_builtin.timetables.calendar import iter_occurrences
from qdash_builtin.timetables.models.timetable import AfterCooldown, Cron, Interval
from qdash_core import ConflictError, InvalidInputError
from qdash_core.repositories.executions import EventRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT

if TYPE_CHECKING:
    from qdash_builtin.timetables.clock import TimetableOutcome
    from qdash_builtin.timetables.models.timetable import TimetableModel, When

    from .conftest import MakeNight, Night

pytestmark = pytest.mark.every_store

EXAMPLES = {"memory": settings().max_examples // 2, "sqlite": settings().max_examples // 8, "mongodb": 2}
"""Number of random sequences tested on each store."""
BEGIN = datetime(2026, 10, 24, 12, tzinfo=UTC)
"""A time before the night in which the clocks of Berlin are put back."""
CALENDARS: list[When] = [
    Cron(expression="30 2 * * *"),
    Cron(expression="*/20 * * * *"),
    Interval(every_s=600),
    Interval(every_s=90_000),
    AfterCooldown(),
]
SOME = st.integers(0, 20)


class Silent:
    """Notifier that ignores its notices."""

    name = "silent"

    def notify(self, event: object) -> None:
        """Ignore a notice."""


class Timetables(RuleBasedStateMachine):
    """State machine: timetables are created, processed by two processes, paused, changed, removed; their runs
    end or wait; their chip is cooled down again and again.
    """

    night: Night
    number = 0

    def __init__(self) -> None:
        super().__init__()
        self.night.clock.now = BEGIN
        self.begun: dict[str, datetime] = {}
        """Start of the period in which each occurrence must be processed, by timetable."""
        self.seq = self.night.bench.repositories.of(EventRepository).get_last_seq(PROJECT)
        store, clock = self.night.bench.qdash.store, self.night.clock
        self.cooldowns = CooldownService(store, base_changes=[follow_cooldown], clock=clock)
        self.followed: list[tuple[str, str]] = []
        """Timetables with the cool-downs after which they started."""

    def teardown(self) -> None:
        for cooldown in self.cooldowns.list_by_project(ADMIN):
            self.cooldowns.delete(ADMIN, cooldown.cooldown_id, force=True)
        for one in self.list_timetables():
            self.night.timetables.remove(ADMIN, one.name)
        for status in self.night.bench.qdash.get(QUEUE).list_entries(ADMIN):
            self.night.bench.qdash.get(QUEUE).remove(ADMIN, status.entry.execution_id)

    def list_timetables(self) -> list[TimetableModel]:
        return [one.timetable for one in self.night.timetables.list_by_project(ADMIN)]

    def select_timetable(self, number: int) -> TimetableModel:
        found = self.list_timetables()
        return found[number % len(found)]

    # ------------------------------------------------------------------------------------------------------ what is done

    @initialize(when=st.sampled_from(CALENDARS), other=st.sampled_from(CALENDARS))
    def begin(self, when: When, other: When) -> None:
        self.add(when, "once", 3e3)
        self.add(other, "skip", None)

    @precondition(lambda self: len(self.list_timetables()) < 4)
    @rule(
        when=st.sampled_from(CALENDARS),
        missed=st.sampled_from(["skip", "once"]),
        within=st.sampled_from([None, 3e3]),
        digest=st.booleans(),
    )
    def add(self, when: When, missed: str, within: float | None, *, digest: bool = False) -> None:
        type(self).number += 1
        name = f"t{self.number}"
        add = self.night.add_digest if digest else self.night.add
        add(name=name, when=when, missed=missed, timezone="Europe/Berlin", begin_within_s=within)
        self.begun[name] = self.night.clock.now

    @rule(minutes=st.sampled_from([0.0, 15, 300]))
    def cool_down(self, minutes: float) -> None:
        """Begin the next cool-down, which is cold at once or later."""
        self.night.clock.forward(minutes=1)
        type(self).number += 1
        self.end_cooldowns()
        base_at = self.night.clock.now + timedelta(minutes=minutes)
        self.cooldowns.create(ADMIN, f"c{self.number}", "K", chip_ids=[CHIP], base_at=base_at)

    @rule(minutes=st.sampled_from([0.0, 45]))
    def correct_cooldown(self, minutes: float) -> None:
        base_at = self.night.clock.now + timedelta(minutes=minutes)
        for one in self.cooldowns.list_by_project(ADMIN):
            if one.ongoing:
                self.cooldowns.edit(ADMIN, one.cooldown_id, base_at=base_at)

    @rule()
    def end_cooldowns(self) -> None:
        self.night.clock.forward(minutes=1)
        for one in self.cooldowns.list_by_project(ADMIN):
            if one.ongoing:
                self.cooldowns.end(ADMIN, one.cooldown_id)

    @rule(minutes=st.sampled_from([0.3, 5, 20, 61, 1440, 4000]))
    def time_passes(self, minutes: float) -> None:
        self.night.clock.forward(minutes=minutes)

    @rule(minutes=st.sampled_from([0.0, 10, 20, 40, 90, 1450]))
    def look(self, minutes: float) -> None:
        """Advance the clock and process; a second process with a slightly slow clock finds nothing to do."""
        self.night.clock.forward(minutes=minutes)
        before = {one.name: one for one in self.list_timetables()}
        starts = self.night.timetable_clock.handle_due()
        assert self.night.timetable_clock.handle_due(self.night.clock.now - timedelta(seconds=2)) == []
        self.night.timetable_clock.wait_for_activities(60)
        assert len({one.name for one in starts}) == len(starts), "one start of each at most"
        found = {one.name: one for one in starts}
        for name, timetable in before.items():
            self.check(timetable, found.get(name))
            if name in found and isinstance(timetable.when, AfterCooldown):
                self.followed.append((name, timetable.cooldown_id))
            if not timetable.paused:
                self.begun[name] = self.night.clock.now

    def check(self, timetable: TimetableModel, start: TimetableOutcome | None) -> None:
        """Assert that every occurrence since the last call is processed: started, skipped, refused, or
        reported as missed.
        """
        come = []
        for one in iter_occurrences(
            timetable.when, ZoneInfo("Europe/Berlin"), after=self.begun[timetable.name]
        ):
            if one > self.night.clock.now:
                break
            come.append(one)
        if timetable.paused or not come:
            assert start is None
            return
        assert start is not None
        assert start.outcome.at == come[-1]
        late_s = (self.night.clock.now - come[-1]).total_seconds()
        in_time = late_s < (timetable.begin_within_s or 1e9)
        told = [one for one in self.night.list_events(self.seq) if one.data["name"] == timetable.name]
        kinds = [
            one.kind.removeprefix("timetable.")
            for one in told
            if one.data["at"] == come[-1].isoformat() and not one.data["message"].endswith("by hand")
        ]
        if not in_time or (late_s > 60 and timetable.missed == "skip"):
            assert kinds == ["missed"]
        else:
            assert kinds[-1] in (("started", "skipped") if timetable.digest is None else ("sent",))
            assert ("missed" in kinds) is (len(come) > 1 or late_s > 60)

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME)
    def pause(self, number: int) -> None:
        self.night.timetables.pause(ADMIN, self.select_timetable(number).name)

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME, minutes=st.sampled_from([0.0, 30]))
    def resume(self, number: int, minutes: float) -> None:
        self.night.clock.forward(minutes=minutes)
        name = self.select_timetable(number).name
        self.night.timetables.resume(ADMIN, name)
        self.begun[name] = self.night.clock.now

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME, when=st.sampled_from(CALENDARS), minutes=st.sampled_from([0.0, 30]))
    def edit(self, number: int, when: When, minutes: float) -> None:
        self.night.clock.forward(minutes=minutes)
        name = self.select_timetable(number).name
        self.night.timetables.edit(ADMIN, name, when=when)
        self.begun[name] = self.night.clock.now

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME)
    def remove(self, number: int) -> None:
        self.night.timetables.remove(ADMIN, self.select_timetable(number).name)

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME)
    def start_by_hand(self, number: int) -> None:
        timetable = self.select_timetable(number)
        waits = self.is_waiting(timetable)
        try:
            self.night.timetables.start_now(ADMIN, timetable.name)
        except ConflictError:
            assert waits
        except InvalidInputError:
            assert timetable.digest is not None
        else:
            assert not waits
            assert timetable.digest is None

    @precondition(lambda self: self.list_timetables())
    @rule(number=SOME)
    def its_run_ends(self, number: int) -> None:
        timetable = self.select_timetable(number)
        if self.is_waiting(timetable):
            self.night.bench.qdash.get(QUEUE).remove(ADMIN, timetable.execution_id)

    def is_waiting(self, timetable: TimetableModel) -> bool:
        return any(
            one.entry.execution_id == timetable.execution_id
            for one in self.night.bench.qdash.get(QUEUE).list_entries(ADMIN)
        )

    # --------------------------------------------------------------------------------------------------- what always holds

    @invariant()
    def no_moment_is_started_twice(self) -> None:
        started = [
            (one.data["name"], one.data["at"])
            for one in self.night.list_events(self.seq)
            if one.kind in ("timetable.started", "timetable.sent") and "by hand" not in one.data["message"]
        ]
        assert len(set(started)) == len(started)

    @invariant()
    def no_cooldown_is_followed_twice(self) -> None:
        assert len(set(self.followed)) == len(self.followed)

    @invariant()
    def no_two_runs_of_one_are_there_at_once(self) -> None:
        waiting = {one.entry.execution_id for one in self.night.bench.qdash.get(QUEUE).list_entries(ADMIN)}
        of = [one.data["name"] for one in self.night.list_events(self.seq) if one.execution_id in waiting]
        assert len(set(of)) == len(of)

    @invariant()
    def what_it_will_do_next_is_known(self) -> None:
        for view in self.night.timetables.list_by_project(ADMIN):
            now, shown = self.night.clock.now, view.next_starts
            assert bool(shown or view.waits_for or view.timetable.next_at) is not view.timetable.paused
            assert all(one < other for one, other in zip([now, *shown], shown, strict=False))


@pytest.mark.hypothesis
@pytest.mark.slow
def test_every_moment_is_dealt_with_once_in_whatever_order(make_night: MakeNight, store_url: str) -> None:
    night = make_night()
    night.bench.qdash.__dict__["notifiers"] = [Silent()]
    night.bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    machine: Any = type("OneStore", (Timetables,), {"night": night})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[store_url.partition(":")[0]],
            stateful_step_count=15,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
