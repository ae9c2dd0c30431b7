"""History and statistics with decisions of users and manual values, on every store."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Mode, Period, Selection
from qdash_builtin.metrics.views.metric_history import MetricHistoryDocument, make_history_csv
from qdash_builtin.results.newest_by_task import NewestResults
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, Parameter, TaskOutput
from qdash_core.models.task import Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import LatestResultRepository
from qdash_pictures.plotly_pictures import PlotlyPictures

from ...access import ADMIN
from ...core.bench import CHIP, OutputParameter, make_task

if TYPE_CHECKING:
    from qdash_builtin.metrics.history import HistoryPoint
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

GIVEN: dict[str, float] = {}
FLAGGED = 20.0
"""Value that comes from a poor fit."""
T1 = make_task(
    "T1",
    analyse=lambda _task, _result: TaskOutput(
        parameters={"t1": Parameter(GIVEN["t1"], 0.5, "us")},
        quality={"reduced_chi2": 100.0 if GIVEN["t1"] == FLAGGED else 1.0},
    ),
    output_parameters={"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4)},
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(T1)


def measure(bench: Bench, value: float) -> TaskResultModel:
    GIVEN["t1"] = value
    return bench.run("T1", "0")


def list_points(bench: Bench, **options: object) -> list[HistoryPoint]:
    return [*bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1", **options).points]  # type: ignore[arg-type]


def get_known(bench: Bench, **selection: object) -> object:
    values = bench.qdash.get(METRICS).select(ADMIN, CHIP, Selection(**selection)).values  # type: ignore[arg-type]
    known = values.qubits.get("0", {}).get("t1")
    return None if known is None else (known.parameter.value, known.verdict)


@pytest.mark.every_store
def test_the_history_has_manual_values_decisions_authors_and_the_value_in_use(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    values = bench.qdash.get(VALUES)
    measure(bench, 80.0)
    flagged = measure(bench, FLAGGED)
    values.accept(ADMIN, flagged.task_id, reason="two-level system")
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(45.2, 0.8)}, reason="from the other cryostat")
    manual, accepted, first = list_points(bench)
    assert [point.parameter["value"] for point in (manual, accepted, first)] == [45.2, 20.0, 80.0]
    assert [point.in_use for point in (manual, accepted, first)] == [True, False, False]
    assert (manual.manual, manual.result.username, manual.result.execution_id) == (True, "admin", "")
    assert accepted.decision is not None
    assert (accepted.decision["username"], accepted.decision["reason"]) == ("admin", "two-level system")
    assert (accepted.result.verdict, accepted.outcome) == ("flagged", "accepted")
    assert (first.decision, first.outcome, first.manual) == (None, "accepted", False)


def test_the_newest_values_of_a_period_are_selected(bench: Bench) -> None:
    for value in (80.0, 81.0, 82.0):
        measure(bench, value)
    moment = utc_now()
    assert [point.parameter["value"] for point in list_points(bench, limit=2)] == [82.0, 81.0]
    assert list_points(bench, period=Period(since=moment)) == []
    assert len(list_points(bench, period=Period(until=moment))) == 3
    with pytest.raises(InvalidInputError, match="limit"):
        list_points(bench, limit=0)


def test_values_of_a_history_are_read_by_place_and_in_slices(bench: Bench) -> None:
    for value in (80.0, 81.0, 82.0):
        measure(bench, value)
    points = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1").points
    assert (len(points), points[0].parameter["value"], points[-1].parameter["value"]) == (3, 82.0, 80.0)
    assert [point.parameter["value"] for point in points[1:]] == [81.0, 80.0]
    assert [point.in_use for point in points[:2]] == [True, False]
    with pytest.raises(IndexError):
        points[3]


def test_the_history_is_a_document_a_table_and_a_figure(bench: Bench) -> None:
    measure(bench, 80.0)
    flagged = measure(bench, FLAGGED)
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id, reason="two-level system")
    history = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1")
    document = MetricHistoryDocument.from_history(history)
    assert document.points[0].decision is not None
    assert [point.in_use for point in document.points] == [True, False]
    first, second = csv.DictReader(io.StringIO(make_history_csv(history)))
    assert (first["value"], first["verdict"], first["decision"], first["decided_by"]) == (
        "20.0",
        "flagged",
        "accepted",
        "admin",
    )
    assert (first["in_use"], second["in_use"], second["decision"]) == ("yes", "", "")
    figure = PlotlyPictures().metric_history(history, zone=ZoneInfo("UTC"))
    assert [trace["name"] for trace in figure["data"]] == ["accepted", "accepted by a user", "in use"]
    assert figure["data"][0]["error_y"]["array"] == [0.5]


def test_a_history_without_values_has_no_figure(bench: Bench) -> None:
    history = bench.qdash.get(METRICS).get_history(ADMIN, CHIP, "0", "t1")
    with pytest.raises(InvalidInputError, match="no value of t1"):
        PlotlyPictures().metric_history(history, zone=ZoneInfo("UTC"))


@pytest.mark.every_store
def test_statistics_count_accepted_values_and_leave_out_rejected_ones(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    best = measure(bench, 100.0)
    measure(bench, 80.0)
    flagged = measure(bench, FLAGGED)
    assert get_known(bench, mode=Mode.BEST) == (100.0, Verdict.ACCEPTED)
    assert get_known(bench, mode=Mode.AVERAGE) == (90.0, Verdict.ACCEPTED)
    bench.qdash.get(VALUES).reject(ADMIN, best.task_id, reason="wrong fit")
    assert get_known(bench, mode=Mode.BEST) == (80.0, Verdict.ACCEPTED)
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id, reason="two-level system")
    assert get_known(bench, mode=Mode.AVERAGE) == (50.0, Verdict.ACCEPTED)


@pytest.mark.parametrize("decision", ["accept", "reject"])
@pytest.mark.parametrize("period", [Period(), Period(until=utc_now().replace(year=2900))])
def test_a_flagged_value_with_a_decision_is_no_longer_listed_as_flagged(
    bench: Bench, decision: str, period: Period
) -> None:
    measure(bench, 80.0)
    flagged = measure(bench, FLAGGED)
    assert get_known(bench, flagged=True, period=period) == (20.0, Verdict.FLAGGED)
    latest = bench.repositories.of(LatestResultRepository).list_by_chip("default", CHIP)
    assert NewestResults.from_results(latest).flagged == 1
    getattr(bench.qdash.get(VALUES), decision)(ADMIN, flagged.task_id, reason="seen")
    expected = 20.0 if decision == "accept" else 80.0
    assert get_known(bench, flagged=True, period=period) == (expected, Verdict.ACCEPTED)
    latest = bench.repositories.of(LatestResultRepository).list_by_chip("default", CHIP)
    assert NewestResults.from_results(latest).flagged == 0
