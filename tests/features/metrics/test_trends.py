"""Trends of a chip: the values that count, and the order of the series."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.selection import Period
from qdash_builtin.metrics.trend_points import LONGEST_SERIES
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.task import TaskStatus, Verdict

from ...access import ADMIN
from .test_selection import CHIP, Laboratory

if TYPE_CHECKING:
    from typing import Any

    from qdash_builtin.metrics.trends import SeriesTrend
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

NOISE = (0.1, -0.7, 0.9, -0.2, 0.4, -1.1, 0.6, 0.2, -0.5, 0.8, -0.9, 0.3)
STEADY = [80 + one for one in NOISE]
FALLEN = [80 + one - 40 * (place > 6) for place, one in enumerate(NOISE)]
DRIFTING = [80 + 0.2 * one + 2 * place for place, one in enumerate(NOISE)]


@pytest.fixture
def lab(store: Store, clock: Clock) -> Laboratory:
    return Laboratory(store, clock)


def _record_series(lab: Laboratory, values: list[float], **more: Any) -> list[str]:
    """Record a value a day."""
    found = []
    for value in values:
        lab.clock.forward(hours=24)
        found.append(lab.record(value, **more))
    return found


def _list_trends(lab: Laboratory, **wanted: Any) -> list[SeriesTrend]:
    return list(lab.service.get_trends(ADMIN, CHIP, **wanted).series)


def _list_values(lab: Laboratory, **wanted: Any) -> list[float]:
    (trend,) = _list_trends(lab, **wanted)
    return [point.value for point in trend.points]


def test_series_with_change_points_are_first_then_drifting_ones_then_the_rest(lab: Laboratory) -> None:
    _record_series(lab, STEADY, qid="0")
    _record_series(lab, DRIFTING, qid="1")
    _record_series(lab, FALLEN, qid="1", metric="t2_echo")
    trends = lab.service.get_trends(ADMIN, CHIP)
    assert [(one.target, one.metric) for one in trends.series] == [("1", "t2_echo"), ("1", "t1"), ("0", "t1")]
    assert [one.is_significant for one in trends.series] == [True, True, False]
    assert (trends.n_change_points, trends.n_drifts, trends.n_spreads) == (1, 1, 0)
    (step,) = trends.series[0].analysis.change_points
    assert step.place == 6
    assert step.size == pytest.approx(-40, abs=1)


def test_series_that_spread_are_ordered_by_spread_relative_to_their_values(lab: Laboratory) -> None:
    small = {"metric": "qubit_frequency", "unit": "GHz"}
    _record_series(lab, [5 + 1e-4 * one for one in NOISE], qid="0", error=1e-7, **small)
    _record_series(lab, [80 + 20 * one for one in NOISE], qid="1", error=1.0)
    trends = lab.service.get_trends(ADMIN, CHIP, metrics=["qubit_frequency", "t1"])
    assert [one.metric for one in trends.series] == ["t1", "qubit_frequency"]
    assert trends.series[0].relative_spread == pytest.approx(0.16, abs=0.06)
    first, second = trends.summarise_spreads()
    assert (first.metric, first.significant, first.judged) == ("t1", 1, 1)
    assert first.median == trends.series[0].relative_spread
    assert second.metric == "qubit_frequency"


def test_flagged_values_newer_than_the_accepted_ones_are_known_but_not_analysed(lab: Laboratory) -> None:
    _record_series(lab, [10.0], verdict=Verdict.FLAGGED)
    _record_series(lab, STEADY)
    _record_series(lab, [210.0], verdict=Verdict.FLAGGED)
    (trend,) = _list_trends(lab)
    assert [point.value for point in trend.points] == STEADY
    assert [point.value for point in trend.flagged] == [210.0]
    assert trend.analysis.newest is None


def test_a_flagged_fit_of_an_accepted_measurement_hides_nothing(lab: Laboratory) -> None:
    *_, last = _record_series(lab, [80.0, 81.0])
    at = lab.clock.now
    lab.record(79.0, refit_of=last, measured_at=at, verdict=Verdict.FLAGGED)
    (trend,) = _list_trends(lab)
    assert [point.value for point in trend.points] == [80.0, 81.0]
    assert trend.flagged == []


def test_only_accepted_values_of_the_chip_count_each_measurement_once(lab: Laboratory) -> None:
    first, *_ = _record_series(lab, [80.0, 81.0])
    lab.record(10.0, verdict=Verdict.REJECTED)
    lab.record(20.0, verdict=Verdict.FLAGGED)
    lab.record(30.0, saved=False)
    lab.record(40.0, status=TaskStatus.FAILED)
    measured_at = lab.clock.now - timedelta(days=2)
    lab.record(79.0, refit_of=first, measured_at=measured_at)
    assert _list_values(lab) == [79.0, 81.0]


def test_values_of_the_other_direction_of_a_coupling_do_not_mix(lab: Laboratory) -> None:
    for control, value in (("0", 0.99), ("1", 0.97), ("1", 0.98)):
        _record_series(lab, [value], qid="0-1", metric="zx90_gate_fidelity", control=control)
    assert _list_values(lab) == [0.97, 0.98]


def test_the_newest_sixty_values_count(lab: Laboratory) -> None:
    _record_series(lab, [float(one) for one in range(LONGEST_SERIES + 5)])
    assert _list_values(lab)[0] == 5.0
    assert len(_list_values(lab)) == LONGEST_SERIES


def test_angles_wrap_within_half_a_turn_of_their_middle(lab: Laboratory) -> None:
    _record_series(lab, [3.1, -3.1, 3.0, -3.05, 3.12], metric="cr_phase", qid="0-1", unit="rad")
    values = _list_values(lab, metrics=["cr_phase"])
    assert max(values) - min(values) < 0.3


def test_targets_metrics_and_period_select_series(lab: Laboratory) -> None:
    _record_series(lab, STEADY, qid="0")
    middle = lab.clock.now
    _record_series(lab, STEADY, qid="1")
    _record_series(lab, STEADY, qid="1", metric="gain")
    assert [(one.target, one.metric) for one in _list_trends(lab)] == [("0", "t1"), ("1", "t1")]
    assert [one.target for one in _list_trends(lab, targets=["0"])] == ["0"]
    assert [one.metric for one in _list_trends(lab, metrics=["gain"])] == ["gain"]
    assert [one.target for one in _list_trends(lab, period=Period(since=middle))] == ["1"]
    for wrong in ({"targets": ["9"]}, {"metrics": ["nothing"]}, {"period": Period("none")}):
        with pytest.raises(NotFoundError):
            _list_trends(lab, **wrong)
    with pytest.raises(InvalidInputError):
        _list_trends(lab, period=Period(since=middle, until=middle))
