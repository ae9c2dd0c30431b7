"""Timetables as created, shown and changed by users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.timetables.models.timetable import Cron, Interval, Moment
from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StaleError,
)
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT
from .conftest import MIDNIGHT, NIGHTLY, make_request

if TYPE_CHECKING:
    from .conftest import Night

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.every_store
def test_a_timetable_says_what_it_will_do(night: Night) -> None:
    made = night.add(missed="once", begin_within_s=7200.0)
    assert made == night.timetables.show(ADMIN, "nightly")
    assert made.next_starts == [MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY]
    kept = made.timetable
    assert (kept.username, kept.timezone, kept.missed, kept.begin_within_s) == (
        "admin",
        "UTC",
        "once",
        7200.0,
    )
    assert kept.request == make_request()
    assert (kept.last, kept.execution_id) == (None, "")
    assert night.executions == []


def test_its_zone_is_that_of_the_home_unless_it_names_one(night: Night) -> None:
    made = night.timetables.add(ADMIN, "here", make_request(), NIGHTLY)
    assert made.timetable.timezone == night.bench.qdash.zone.key
    assert night.add("there", timezone="Asia/Tokyo").next_starts[0] == datetime(2026, 4, 1, 15, tzinfo=UTC)


@pytest.mark.every_store
def test_they_are_listed_by_name_and_by_page(night: Night) -> None:
    night.bench.add_project("other")
    for name in ("b", "a", "c"):
        night.add(name)
    night.bench.qdash.enroll("bob", PROJECT)
    assert [one.timetable.name for one in night.timetables.list_by_project(ADMIN)] == ["a", "b", "c"]
    assert night.timetables.list_by_project(access_of("admin", "other")) == []
    first = night.timetables.page(ADMIN, PageRequest(limit=2))
    second = night.timetables.page(ADMIN, PageRequest(limit=2, after=first.next))
    assert [one.timetable.name for one in [*first.items, *second.items]] == ["a", "b", "c"]


def test_what_cannot_be_is_refused_and_nothing_is_written(night: Night, subtests: pytest.Subtests) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"name": "a/b"}, "timetable name 'a/b'"),
        ({"when": Cron(expression="61 * * * *")}, "bad minute"),
        ({"when": Moment(at=NOON - DAY)}, "no such moment is left"),
        ({"until": NOON + timedelta(hours=1)}, "until 2026-04-01 13:00:00.*no such moment is left"),
        ({"when": Moment(at=datetime.max.replace(tzinfo=UTC))}, "9999-12-31: a timetable is of the years"),
        ({"when": Moment(at=datetime.min.replace(tzinfo=UTC))}, "of the years 1970 to 2999"),
        (
            {"when": Interval(every_s=60, anchor=datetime.max.replace(tzinfo=UTC))},
            "of the years 1970 to 2999",
        ),
        ({"until": datetime.max.replace(tzinfo=UTC)}, "of the years 1970 to 2999"),
        ({"timezone": "Mars/Olympus"}, "'Mars/Olympus' is not a known time zone"),
        ({"missed": "thrice"}, "missed cannot be 'thrice'"),
        ({"begin_within_s": -1.0}, "begin_within_s cannot be -1.0"),
        ({"request": make_request("NoSuchTask")}, "NoSuchTask"),
        ({"request": make_request(chip_id="nowhere")}, "no chip 'nowhere'"),
        ({"request": make_request(targets={"qubits": ("99",)})}, "99"),
        ({"request": make_request(run_parameters={"sots": 3})}, "sots"),
        ({"request": make_request(since="20260401-001")}, "a timetable starts its run anew"),
        (
            {"request": make_request("/nowhere/mine.py"), "trusted_files": False},
            "names a file of the host's machine",
        ),
    ]
    for given, message in cases:
        with subtests.test(f"add {given}"):
            with pytest.raises((InvalidInputError, NotFoundError), match=message):
                night.add(**given)
            assert night.timetables.list_by_project(ADMIN) == []
    night.add()
    before = night.timetables.show(ADMIN, "nightly")
    for given, message in cases:
        if "name" not in given:
            with subtests.test(f"edit {given}"):
                with pytest.raises((InvalidInputError, NotFoundError), match=message):
                    night.timetables.edit(ADMIN, "nightly", **given)
                assert night.timetables.show(ADMIN, "nightly") == before


def test_names_are_unique_in_a_project(night: Night) -> None:
    night.add()
    with pytest.raises(ConflictError, match="timetable 'nightly' exists already in project default"):
        night.add()
    with pytest.raises(NotFoundError, match=r"no timetable 'weekly' in project default \(known: nightly\)"):
        night.timetables.show(ADMIN, "weekly")


@pytest.mark.parametrize("paused", [True, False])
def test_who_pauses_or_resumes_does_not_take_it_over(night: Night, paused: bool) -> None:
    night.add(paused=not paused)
    night.bench.qdash.enroll("bob", PROJECT)
    change = night.timetables.pause if paused else night.timetables.resume
    assert change(access_of("bob"), "nightly").timetable.username == "admin"


def test_who_says_when_it_starts_is_whom_it_acts_as(night: Night) -> None:
    night.add()
    night.bench.qdash.enroll("bob", PROJECT)
    changed = night.timetables.edit(access_of("bob"), "nightly", timezone="Asia/Tokyo")
    assert changed.timetable.username == "bob"
    kept = night.timetables.edit(ADMIN, "nightly", missed="once", begin_within_s=60.0, until=None)
    assert kept.timetable.username == "bob"


def test_what_people_do_to_it_is_recorded_with_who_did_it(night: Night) -> None:
    """Interfaces that show timetables learn from the event when to refresh."""
    night.add()
    night.bench.qdash.enroll("bob", PROJECT)
    night.timetables.pause(access_of("bob"), "nightly")
    night.timetables.edit(ADMIN, "nightly", missed="once")
    night.timetables.remove(ADMIN, "nightly")
    told = [one for one in night.bench.list_events(0) if one.kind.startswith("timetable.")]
    assert [(one.kind.removeprefix("timetable."), one.data["username"]) for one in told] == [
        ("created", "admin"),
        ("changed", "bob"),
        ("changed", "admin"),
        ("deleted", "admin"),
    ]
    assert {(one.data["name"], one.chip_id) for one in told} == {("nightly", CHIP)}


def test_what_is_not_named_stays_and_it_acts_as_who_changed_what_it_runs(night: Night) -> None:
    made = night.add(begin_within_s=600.0)
    night.bench.qdash.enroll("bob", PROJECT)
    night.clock.forward(hours=1)
    changed = night.timetables.edit(access_of("bob"), "nightly", request=make_request(tags=("new",)))
    assert changed.timetable.request.tags == ("new",)
    assert changed.timetable.username == "bob"
    assert (changed.timetable.when, changed.timetable.begin_within_s) == (NIGHTLY, 600.0)
    assert changed.timetable.updated_at == night.clock.now > made.timetable.updated_at
    (start,) = night.look_at(MIDNIGHT)
    assert night.bench.get_execution(start.outcome.execution_id).username == "bob"


def test_what_was_missed_before_a_change_of_the_run_is_told_all_the_same(night: Night) -> None:
    night.add()
    night.clock.now = MIDNIGHT + timedelta(hours=3)
    night.timetables.edit(ADMIN, "nightly", request=make_request(tags=("new",)))
    assert [one.outcome.became for one in night.timetable_clock.handle_due()] == ["missed"]


def test_other_moments_begin_from_now(night: Night) -> None:
    night.add()
    night.clock.now = MIDNIGHT + timedelta(hours=3)
    changed = night.timetables.edit(ADMIN, "nightly", when=Interval(every_s=3600))
    assert changed.next_starts[0] == MIDNIGHT + timedelta(hours=4)
    assert night.timetable_clock.handle_due() == []


@pytest.mark.every_store
def test_who_has_not_seen_the_last_change_changes_nothing(night: Night) -> None:
    read = night.add().timetable.updated_at
    night.clock.forward(minutes=1)
    night.timetables.pause(ADMIN, "nightly", as_of=read)
    for change in (night.timetables.resume, night.timetables.pause, night.timetables.remove):
        with pytest.raises(StaleError, match="timetable nightly was changed since it was read"):
            change(ADMIN, "nightly", as_of=read)


def test_a_start_is_no_change_of_the_timetable(night: Night) -> None:
    """A user who edits it during a start gets no conflict."""
    read = night.add().timetable.updated_at
    night.look_at(MIDNIGHT)
    night.timetables.pause(ADMIN, "nightly", as_of=read)
    assert night.timetables.show(ADMIN, "nightly").timetable.last is not None


def test_what_is_removed_starts_nothing_and_what_it_started_goes_on(night: Night) -> None:
    night.add()
    (start,) = night.look_at(MIDNIGHT)
    night.timetables.remove(ADMIN, "nightly")
    assert night.look_at(MIDNIGHT + DAY) == []
    assert night.bench.qdash.get(QUEUE).show(ADMIN, start.outcome.execution_id).state == "waiting"


def test_it_can_be_started_by_hand_even_while_it_is_paused(night: Night) -> None:
    night.add(paused=True)
    submission = night.timetables.start_now(ADMIN, "nightly")
    seen = night.timetables.show(ADMIN, "nightly").timetable
    assert seen.last is not None
    assert (seen.last.became, seen.last.why) == ("started", "by admin, by hand")
    assert seen.execution_id == submission.execution_id
    with pytest.raises(ConflictError, match=f"execution {submission.execution_id}, waits still"):
        night.timetables.start_now(ADMIN, "nightly")
    assert len(night.executions) == 1


def test_a_start_by_hand_leaves_its_moments_as_they_are(night: Night) -> None:
    night.add()
    night.perform(night.timetables.start_now(ADMIN, "nightly").execution_id)
    assert night.look_at(MIDNIGHT)[0].outcome.became == "started"


def test_a_viewer_sees_and_changes_nothing(night: Night) -> None:
    night.add()
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    assert len(night.timetables.list_by_project(viewer)) == 1
    for change in (night.timetables.pause, night.timetables.remove, night.timetables.start_now):
        with pytest.raises(AccessDeniedError, match="this takes editor"):
            change(viewer, "nightly")


def test_a_request_of_somebody_else_is_refused(night: Night) -> None:
    with pytest.raises(AccessDeniedError, match="the request is one of 'bob'"):
        night.add(request=make_request(username="bob"))


@pytest.mark.slow
def test_it_survives_an_edit_of_its_flow_and_starts_the_newest(night: Night) -> None:
    flows = night.bench.qdash.get(SAVED_FLOWS)
    source = "def main(chip_id, shots=1): ...\n"
    flows.save(ADMIN, "mine", source, function="main")
    night.add(request=make_request("mine", targets={}))
    flows.save(ADMIN, "mine", source.replace("shots=1", "shots=2"), function="main")
    (start,) = night.look_at(MIDNIGHT)
    request = night.bench.get_execution(start.outcome.execution_id).request
    assert request is not None
    assert (request.flow, request.flow_version, request.chip_id) == ("mine", 2, CHIP)
