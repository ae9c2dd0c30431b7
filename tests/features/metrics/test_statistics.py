"""Statistics of a metric over the targets of a chip: which values count, and two sets side by side."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.status_decision import decide_status
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.metrics.selection import Mode, Period, Selection
from qdash_builtin.metrics.target_statistics import LONGEST, StatisticsRequest
from qdash_builtin.metrics.value_sets import ValueSource
from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument, make_statistics_csv
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import Note
from qdash_core.models.chip import TargetStatus
from qdash_core.models.decision import Decision
from qdash_core.models.task import TaskModel, TaskStatus, Verdict
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

from ...access import ADMIN
from ...core.chips.samples import make_chip
from .test_selection import CHIP, Laboratory, P

if TYPE_CHECKING:
    from qdash_builtin.metrics.target_statistics import MetricStatistics
    from qdash_builtin.metrics.views.metric_statistics import SetStatisticsDocument
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock)


def get_statistics(lab: Laboratory, metric: str = "t1", **wanted: Any) -> MetricStatistics:
    wanted = {"source": ValueSource(CHIP), **wanted}
    return lab.service.get_statistics(ADMIN, StatisticsRequest(metric, **wanted))


def read(lab: Laboratory, metric: str = "t1", **wanted: Any) -> MetricStatisticsDocument:
    """Return the statistics as an interface shows them."""
    return MetricStatisticsDocument.from_statistics(get_statistics(lab, metric, **wanted))


def get_values(one: SetStatisticsDocument) -> dict[str, float]:
    return {value.target: value.value for value in one.values}


@pytest.mark.every_store
def test_values_in_use_make_the_statistics(lab: Laboratory) -> None:
    lab.record(80.0, error=2.0)
    lab.record(120.0, qid="1")
    found = read(lab)
    assert (found.metric, found.kind, found.unit, found.mode) == ("t1", "qubit", "us", "latest")
    (one,) = found.sets
    assert get_values(one) == {"0": 80.0, "1": 120.0}
    assert (one.mean, one.summary.median, one.lower_quartile, one.upper_quartile) == (
        100.0,
        100.0,
        90.0,
        110.0,
    )
    assert one.std == pytest.approx(28.284, abs=1e-3)
    assert (one.summary.within, one.summary.fraction_within) == (1, 0.5)
    assert one.best_value is not None
    assert (one.best_value.target, one.best_value.value, one.best_value.error) == ("1", 120.0, 12.0)
    assert one.mean_error == pytest.approx(20.0)
    assert [(value.error, value.within) for value in one.values] == [(2.0, False), (12.0, True)]
    assert found.histogram is not None
    assert sum(found.histogram.counts[0]) == 2


@pytest.mark.every_store
@pytest.mark.parametrize("is_defined", [False, True], ids=["unknown task", "defined task"])
def test_each_mode_reduces_the_accepted_results_of_a_target(lab: Laboratory, is_defined: bool) -> None:
    if is_defined:
        for name, output in (("Measure", "t1"), ("Other", "t2_echo")):
            lab.repositories.of(TaskRepository).put(
                TaskModel(
                    project_id=P,
                    username="admin",
                    name=name,
                    backend=None,
                    task_type="qubit",
                    output_parameters={output: {}},
                )
            )
    for value in (10.0, 40.0, 20.0, 30.0):
        lab.record(value)
    lab.record(5.0, metric="t2_echo", name="Other")
    lab.record(90.0, verdict=Verdict.FLAGGED)
    lab.record(90.0, saved=False)
    lab.record(90.0, status=TaskStatus.FAILED, verdict=Verdict.REJECTED)
    found = {mode: read(lab, mode=mode).sets[0] for mode in Mode}
    assert {mode: get_values(one) for mode, one in found.items()} == {
        Mode.LATEST: {"0": 30.0},
        Mode.BEST: {"0": 40.0},
        Mode.AVERAGE: {"0": 25.0},
        Mode.MEDIAN: {"0": 25.0},
    }
    average = found[Mode.AVERAGE].values[0]
    assert (average.n, average.task_id, average.execution_id) == (4, None, None)
    assert found[Mode.MEDIAN].values[0].error is None, "unknown is absent"


@pytest.mark.parametrize("mode", list(Mode))
def test_yield_and_statistics_of_a_metric_agree(lab: Laboratory, mode: Mode) -> None:
    for qid, values in (("0", (90.0, 130.0, 80.0)), ("1", (110.0, 105.0))):
        for value in values:
            lab.record(value, qid=qid)
    lab.record(500.0, verdict=Verdict.FLAGGED)
    _, summaries = lab.service.summarise(ADMIN, CHIP, Selection(mode=mode))
    (one,) = get_statistics(lab, mode=mode).sets
    assert [one.summary] == summaries["qubit"]


def test_a_missing_value_is_named_and_is_no_zero(lab: Laboratory) -> None:
    lab.record(80.0)
    (one,) = read(lab).sets
    assert (one.missing, one.summary.missing, one.mean, one.std) == (["1"], 1, 80.0, None)
    (none,) = read(lab, "t2_echo").sets
    assert (none.values, none.mean, none.summary.median, none.lower_quartile) == ([], None, None, None)
    assert read(lab, "t2_echo").histogram is None


def test_excluded_targets_count_as_in_a_yield_unless_they_are_left_out(lab: Laboratory) -> None:
    lab.record(120.0)
    lab.record(150.0, qid="1")
    qubits = lab.repositories.of(QubitCalibrationRepository)
    known = qubits.require(P, CHIP, "1")
    note = Note(content="two-level system", updated_by="admin")
    excluded = decide_status(known, TargetStatus.EXCLUDED, note)
    qubits.write_values(excluded, former=known, recorded_date="20260401", cooldown_id=None)
    (one,) = read(lab).sets
    assert (get_values(one), one.set_aside, one.summary.targets) == ({"0": 120.0, "1": 150.0}, ["1"], 2)
    for mode in (Mode.LATEST, Mode.BEST):
        (left,) = read(lab, mode=mode, without_set_aside=True, series=True).sets
        assert (get_values(left), left.set_aside, left.summary.targets) == ({"0": 120.0}, [], 1)
        assert [series.target for series in left.series] == ["0"]


def test_values_in_another_unit_are_left_out_and_named(lab: Laboratory) -> None:
    lab.record(80.0)
    lab.record(0.08, qid="1", unit="ms")
    (one,) = read(lab, series=True).sets
    assert (get_values(one), one.other_units, one.missing) == ({"0": 80.0}, ["1"], ["1"])
    assert [series.target for series in one.series] == ["0"]


def test_two_cooldowns_are_side_by_side_with_common_bins(lab: Laboratory) -> None:
    EntityService(lab.store, CRYOSTAT, clock=lab.clock).create(ADMIN, "K")
    cooldowns = CooldownService(lab.store, clock=lab.clock)
    for name, value in (("1", 50.0), ("2", 20.0)):
        cooldowns.create(ADMIN, name, "K", chip_ids=[CHIP])
        lab.record(value)
        lab.record(value + 1, qid="1")
        cooldowns.end(ADMIN, name)
        lab.clock.forward(days=1)
    found = read(
        lab, source=ValueSource(CHIP, Period("2")), other_source=ValueSource(CHIP, Period("1")), series=True
    )
    assert [(one.cooldown_id, get_values(one)) for one in found.sets] == [
        ("2", {"0": 20.0, "1": 21.0}),
        ("1", {"0": 50.0, "1": 51.0}),
    ]
    assert [[point.value for series in one.series for point in series.points] for one in found.sets] == [
        [20.0, 21.0],
        [50.0, 51.0],
    ]
    assert found.histogram is not None
    assert (found.histogram.edges[0], found.histogram.edges[-1]) == (20.0, 51.0)
    assert [sum(counts) for counts in found.histogram.counts] == [2, 2]
    assert [one.cooldown_id for one in found.sets[0].cooldowns] == ["2", "1"]


def test_another_chip_is_beside_the_first_also_without_the_metric(lab: Laboratory) -> None:
    make_chip(lab.store, "B")
    lab.record(80.0, metric="gain", unit="dB")
    found = read(lab, "gain", other_source=ValueSource("B"))
    assert [(one.chip_id, len(one.values)) for one in found.sets] == [("A", 1), ("B", 0)]
    assert (found.kind, found.unit, found.definition) == ("qubit", "dB", None)


def test_the_kind_of_target_follows_from_the_metric(lab: Laboratory) -> None:
    lab.record(0.97, qid="0-1", metric="zx90_gate_fidelity", unit="")
    lab.record(3.0, qid="0-1", metric="gain", unit="dB")
    assert read(lab, "zx90_gate_fidelity").kind == "coupling"
    assert read(lab, "gain").kind == "coupling"
    with pytest.raises(NotFoundError, match="no metric 'gain'"):
        read(lab, "gain", kind="qubit")


def test_pairs_are_the_targets_with_both_values(lab: Laboratory) -> None:
    for qid in ("0", "1"):
        lab.record(80.0, qid=qid)
    lab.record(60.0, metric="t2_echo", error=3.0)
    (one,) = read(lab, other_metric="t2_echo").sets
    assert one.correlation is not None
    assert [(pair.target, pair.x, pair.y, pair.y_error) for pair in one.correlation.pairs] == [
        ("0", 80.0, 60.0, 3.0)
    ]
    assert (one.correlation.n, one.correlation.pearson, one.correlation.spearman) == (1, None, None)


def test_series_have_accepted_values_in_the_order_of_time(lab: Laboratory) -> None:
    first = lab.record(10.0, error=0.5)
    lab.record(90.0, verdict=Verdict.REJECTED)
    lab.record(20.0)
    assert read(lab).sets[0].series == []
    (one,) = read(lab, series=True).sets
    (series,) = one.series
    assert [point.value for point in series.points] == [10.0, 20.0]
    assert (series.points[0].task_id, series.points[0].error) == (first, 0.5)
    (later,) = read(
        lab, source=ValueSource(CHIP, Period(since=series.points[1].at - timedelta(minutes=1))), series=True
    ).sets
    assert [point.value for point in later.series[0].points] == [20.0]


@pytest.mark.every_store
def test_each_day_has_the_newest_value_of_each_target_also_where_the_series_is_cut(lab: Laboratory) -> None:
    lab.record(80.0)
    lab.clock.forward(days=2)
    lab.record(120.0, qid="1")
    lab.record(90.0, unit="ms")
    for _ in range(LONGEST):
        lab.record(100.0)
    source = ValueSource(CHIP, Period(since=lab.clock.now - timedelta(days=7)))
    (one,) = read(lab, source=source, days=True, series=True).sets
    assert [(day.n, day.median, day.within) for day in one.days] == [
        (1, 80.0, 0),
        (1, 80.0, 0),
        (2, 110.0, 2),
    ]
    assert [lab.clock.now - day.at for day in one.days] == [timedelta(days=2), timedelta(days=1), timedelta()]
    assert len(one.series[0].points) == LONGEST
    (one,) = read(lab, source=source, days=True).sets
    assert (len(one.days), one.series) == (3, [])
    assert read(lab, source=source, series=True).sets[0].days == []


def test_days_end_with_the_period_and_are_complete(lab: Laboratory) -> None:
    lab.record(80.0)
    begun = lab.clock.now
    lab.clock.forward(days=9)
    lab.record(120.0)
    period = Period(since=begun - timedelta(minutes=1), until=begun + timedelta(days=2))
    (one,) = read(lab, source=ValueSource(CHIP, period), days=True).sets
    assert [(day.at - begun, day.median) for day in one.days] == [
        (timedelta(days=1), 80.0),
        (timedelta(days=2), 80.0),
    ]
    assert len(read(lab, days=True).sets[0].days) == 10, "without a period they begin with the first value"
    assert read(lab, "t2_echo", days=True).sets[0].days == []


def test_a_trial_that_a_user_accepted_counts_where_its_task_ran_never_otherwise(lab: Laboratory) -> None:
    measured = TaskModel(
        project_id=P,
        username="admin",
        name="Measure",
        backend="b",
        task_type="qubit",
        output_parameters={"t1": {}},
    )
    lab.repositories.of(TaskRepository).put(measured)
    trial = lab.record(80.0, saved=False)
    results = lab.repositories.of(TaskResultHistoryRepository)
    found = results.find(P, trial)
    assert found is not None
    found.decisions["t1"] = Decision(verdict=Verdict.ACCEPTED, username="admin", decided_at=lab.clock.now)
    results.put(found)
    (one,) = read(lab, mode=Mode.BEST).sets
    assert [(value.target, value.value, value.task_id) for value in one.values] == [("0", 80.0, trial)]
    assert [one.target for one in lab.service.get_trends(ADMIN, CHIP, metrics=["t1"]).series] == ["0"]


def test_what_is_unknown_or_contradictory_is_refused(lab: Laboratory) -> None:
    lab.record(10.0)
    for wrong in (
        {"metric": "nothing"},
        {"other_metric": "nothing"},
        {"source": ValueSource("x")},
        {"source": ValueSource(CHIP, Period("x"))},
        {"other_source": ValueSource("x")},
    ):
        with pytest.raises(NotFoundError):
            get_statistics(lab, **wrong)
    now = lab.clock.now
    for wrong in (
        {"other_metric": "t1"},
        {"other_source": ValueSource(CHIP)},
        {"source": ValueSource(CHIP, Period(None, now, now - timedelta(days=1)))},
    ):
        with pytest.raises(InvalidInputError):
            get_statistics(lab, **wrong)


def test_csv_has_a_row_for_each_target_or_each_value_with_time(lab: Laboratory) -> None:
    lab.record(10.0, error=0.5)
    task = lab.record(120.0)
    rows = [*csv.DictReader(io.StringIO(make_statistics_csv(read(lab), series=False)))]
    assert [
        (row["target"], row["value"], row["unit"], row["within_specification"], row["task_id"])
        for row in rows
    ] == [
        ("0", "120.0", "us", "true", task),
        ("1", "", "us", "", ""),
    ]
    rows = [*csv.DictReader(io.StringIO(make_statistics_csv(read(lab, series=True), series=True)))]
    assert [(row["target"], row["value"], row["error"]) for row in rows] == [
        ("0", "10.0", "0.5"),
        ("0", "120.0", "12.0"),
    ]
