"""Daily copies of a chip: the days on record, the chip on a day, and two days compared as any points in time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.days import ChipDayService
from qdash_builtin.comparisons.service import ComparisonService
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.judgement.reader import JudgementReader
from qdash_builtin.metrics.service import MetricsService
from qdash_core.chips.record import ChipRecord
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.pages import PageRequest
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ...core.clock import Clock
from .test_chips import make_chip

if TYPE_CHECKING:
    from qdash_builtin.comparisons.comparison import PointComparison
    from qdash_core.repositories.store import Store

P = ADMIN.project_id
FIRST, SECOND, THIRD = (date(2026, 4, day) for day in (1, 2, 4))


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = datetime(2026, 4, 5, 12, tzinfo=UTC)
    return clock


def accept(store: Store, day: date, qid: str, **values: ParameterModel) -> None:
    repositories = Repositories(store)
    targets = (
        repositories.of(CouplingCalibrationRepository)
        if "-" in qid
        else repositories.of(QubitCalibrationRepository)
    )
    targets.record_day(targets.update_calib_data(P, "A", qid, values), day.strftime("%Y%m%d"), "cd-1")


def make_value(value: float, error: float | None = None, unit: str = "us") -> ParameterModel:
    return ParameterModel(value=value, error=error, unit=unit)


@pytest.fixture
def days(prepared_store: Store, clock: Clock) -> ChipDayService:
    """Copies of chip A on three days; qubit 1 is calibrated on the second."""
    make_chip(prepared_store, "A")
    accept(prepared_store, FIRST, "0", t1=make_value(80, 3.0), t2_echo=make_value(50))
    accept(prepared_store, FIRST, "0-1", cr_amplitude=make_value(0.3, unit="a.u."))
    accept(prepared_store, SECOND, "1", t1=make_value(60, 1.0))
    clock.now = datetime(2026, 4, 4, 12, tzinfo=UTC)
    records = ChipRecord(prepared_store, ZoneInfo("UTC"), clock=clock)
    accept(prepared_store, THIRD, "0", t1=make_value(70, 4.0), t2_echo=make_value(49), t2_star=make_value(9))
    records.set_status(P, "A", "1", TargetStatus.FAILED)
    records.set_directions(P, "A", {"0-1": "1"})
    records.record_day(P, "A")
    clock.now = datetime(2026, 4, 5, 12, tzinfo=UTC)
    return ChipDayService(prepared_store, ZoneInfo("UTC"), clock=clock)


@pytest.mark.every_store
def test_days_with_copies_are_listed_newest_first_page_by_page(days: ChipDayService) -> None:
    found, after = [], None
    while True:
        page = days.page(ADMIN, "A", PageRequest(2, after))
        found += [(one.day, one.qubits, one.couplings, one.n_calibrated) for one in page.items]
        if (after := page.next) is None:
            break
    assert found == [(THIRD, 2, 1, 0), (SECOND, 1, 0, None), (FIRST, 1, 1, None)]
    before = days.page(ADMIN, "A", PageRequest(1), before=date(2026, 4, 3))
    assert ([one.day for one in before.items], before.next is None) == ([SECOND], False)


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("day", "t1", "copied"),
    [
        (FIRST, {"0": 80}, {"0": "20260401", "0-1": "20260401"}),
        (SECOND, {"0": 80, "1": 60}, {"0": "20260401", "1": "20260402", "0-1": "20260401"}),
        (date(2026, 4, 3), {"0": 80, "1": 60}, {"0": "20260401", "1": "20260402", "0-1": "20260401"}),
        (date(2026, 4, 5), {"0": 70, "1": 60}, {"0": "20260404", "1": "20260404", "0-1": "20260404"}),
    ],
)
def test_a_day_shows_the_last_copy_of_each_target_until_then(
    days: ChipDayService, day: date, t1: dict[str, float], copied: dict[str, str]
) -> None:
    found = days.show(ADMIN, "A", day)
    values = {target: copy.data["t1"].value for target, copy in found.targets.items() if "t1" in copy.data}
    assert values == t1
    assert {target: copy.recorded_date for target, copy in found.targets.items()} == copied
    assert not {*found.without_copy} & {*copied}
    assert {*found.without_copy} | {*copied} == {"0", "1", "0-1"}


def compare(store: Store, clock: Clock, first: date, second: date) -> PointComparison:
    comparisons = ComparisonService(
        store, ZoneInfo("UTC"), MetricsService(store, None), JudgementReader(load_builtin), clock=clock
    )
    return comparisons.compare(ADMIN, f"day:{first}", f"day:{second}")


@pytest.mark.every_store
@pytest.mark.usefixtures("days")
def test_two_days_are_compared_in_units_of_the_errors_that_are_known(
    prepared_store: Store, clock: Clock
) -> None:
    found = compare(prepared_store, clock, FIRST, THIRD)
    values = [one.change for one in found.values]
    changes = {(one.target, one.parameter): (one.change, one.difference, one.sigmas) for one in values}
    assert changes == {
        ("0", "t1"): ("changed", -10, 2.0),
        ("0", "t2_echo"): ("changed", -1, None),
        ("0", "t2_star"): ("appeared", None, None),
        ("1", "t1"): ("appeared", None, None),
    }
    assert (found.directions, found.statuses, found.unchanged) == (("0-1",), (), 0)
    since = compare(prepared_store, clock, SECOND, THIRD)
    assert [(one.target, one.before, one.after) for one in since.statuses] == [("1", "pending", "failed")]
    back = compare(prepared_store, clock, THIRD, FIRST)
    assert {one.change.target for one in back.values if one.change.change == "vanished"} == {"0", "1"}
    same = compare(prepared_store, clock, SECOND, date(2026, 4, 3))
    assert (same.values, same.statuses, same.unchanged) == ((), (), 4)


@pytest.mark.usefixtures("days")
def test_a_value_in_another_unit_has_no_difference(prepared_store: Store, clock: Clock) -> None:
    accept(prepared_store, date(2026, 4, 5), "1", t1=make_value(60_000, 1.0, unit="ns"))
    (one,) = (value.change for value in compare(prepared_store, clock, THIRD, date(2026, 4, 5)).values)
    assert (one.change, one.difference, one.sigmas) == ("changed", None, None)


def test_a_day_without_any_copy_until_then_is_refused(
    days: ChipDayService, prepared_store: Store, clock: Clock
) -> None:
    with pytest.raises(
        NotFoundError, match="no copy of 2026-03-31 or before: the first one is of 2026-04-01"
    ):
        days.show(ADMIN, "A", date(2026, 3, 31))
    with pytest.raises(InvalidInputError, match="2026-04-06 is in the future: today is 2026-04-05 in UTC"):
        compare(prepared_store, clock, FIRST, date(2026, 4, 6))
    make_chip(prepared_store, "B")
    with pytest.raises(NotFoundError, match="no daily copies yet"):
        days.show(ADMIN, "B", FIRST)
    for ask in (lambda: days.show(ADMIN, "C", FIRST), lambda: days.page(ADMIN, "C", PageRequest())):
        with pytest.raises(NotFoundError, match="no chip 'C'"):
            ask()
