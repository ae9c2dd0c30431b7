"""Removals of old data by timetables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.feature import PRUNER
from qdash_builtin.home.pruning.keep_request import KeepRequest
from qdash_core import AccessDeniedError, InvalidInputError
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.bench import PROJECT
from .conftest import MIDNIGHT, NIGHTLY, make_request

if TYPE_CHECKING:
    from qdash_builtin.timetables.models.timetable import MomentOutcome
    from qdash_builtin.timetables.service import TimetableView

    from .conftest import Night

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
SOON_S = 20.0


def add_removal(night: Night) -> TimetableView:
    return night.timetables.add(ADMIN, "clean", None, NIGHTLY, keep=KeepRequest(events=1), timezone="UTC")


def look_at(night: Night) -> MomentOutcome | None:
    """Handle the occurrence at midnight, wait for the removal, and return its recorded outcome."""
    night.look_at(MIDNIGHT + SECOND)
    night.timetable_clock.wait_for_activities(SOON_S)
    return night.timetables.show(ADMIN, "clean").timetable.last


@pytest.mark.every_store
def test_at_its_time_old_data_are_removed_once(night: Night) -> None:
    add_removal(night)
    (begun,) = night.look_at(MIDNIGHT + SECOND)
    assert (begun.outcome.became, begun.outcome.at) == ("pruning", MIDNIGHT)
    ended = look_at(night)
    assert ended is not None
    assert (ended.became, ended.why) == ("pruned", "nothing was to be removed")
    assert [one.kind for one in night.bench.list_events()][-1] == "timetable.pruned"
    assert night.executions == []


def test_a_failure_is_recorded(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    add_removal(night)

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk does not answer")

    monkeypatch.setattr(night.bench.qdash.get(PRUNER), "prune", fail)
    ended = look_at(night)
    assert ended is not None
    assert (ended.became, ended.why) == ("failed", "the disk does not answer")


def test_a_removal_whose_process_ended_is_recorded_as_failed(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_removal(night)
    monkeypatch.setattr("threading.Thread.start", lambda _: None)
    night.look_at(MIDNIGHT + SECOND)
    night.make_clock().handle_due(MIDNIGHT + HOUR)
    assert night.timetables.show(ADMIN, "clean").timetable.last is not None
    night.clock.now = MIDNIGHT + 7 * HOUR
    night.make_clock().handle_due(MIDNIGHT + 7 * HOUR)
    last = night.timetables.show(ADMIN, "clean").timetable.last
    assert last is not None
    assert last.became == "failed"
    assert "the next occurrence goes on" in last.why


def test_only_an_owner_plans_and_changes_a_removal(night: Night) -> None:
    editor = access_of("bob", PROJECT, ProjectRole.EDITOR)
    with pytest.raises(AccessDeniedError):
        night.timetables.add(editor, "clean", None, NIGHTLY, keep=KeepRequest(raw=1), timezone="UTC")
    add_removal(night)
    with pytest.raises(AccessDeniedError):
        night.timetables.edit(editor, "clean", keep=KeepRequest(raw=1))


def test_it_stays_a_removal_and_starts_no_run(night: Night) -> None:
    add_removal(night)
    with pytest.raises(InvalidInputError, match="removes old data and cannot be given a request"):
        night.timetables.edit(ADMIN, "clean", request=make_request())
    with pytest.raises(InvalidInputError, match="qdash store prune"):
        night.timetables.start_now(ADMIN, "clean")
    assert night.timetables.edit(ADMIN, "clean", keep=KeepRequest(raw=7)).timetable.keep == KeepRequest(raw=7)
