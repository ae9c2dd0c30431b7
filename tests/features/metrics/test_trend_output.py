"""`qdash metrics --trend`: trends in words, and JSON."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.views.trends import ChipTrendsDocument
from qdash_core import open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import TaskModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from datetime import datetime

    from ...cli.conftest import InProcess

NOISE = (0.1, -0.7, 0.9, -0.2, 0.4, -1.1, 0.6, 0.2, -0.5, 0.8, -0.9, 0.3)


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """T1 of qubit 0 fell by 40 µs; that of qubit 2 scatters as its error bars say, that of qubit 3 more."""
    command.does("chip", "create", "lab", "--topology", "linear-16")
    now = utc_now()
    with open_qdash() as qdash:
        repositories = qdash.repositories
        chip = repositories.of(ChipRepository).require("default", "lab")
        repositories.of(ChipRepository).put(
            chip.model_copy(update={"installed_at": now - timedelta(days=30)})
        )
        measures = {"name": "CheckT1", "task_type": "qubit", "output_parameters": {"t1": {}}}
        task = TaskModel(project_id="default", username="admin", backend="fake", **measures)
        repositories.of(TaskRepository).put(task)
        for number, noise in enumerate(NOISE):
            at = now - timedelta(days=len(NOISE) - number)
            repositories.of(TaskResultHistoryRepository).add(
                _make_result("0", 80 + noise - 40 * (number > 6), at)
            )
            repositories.of(TaskResultHistoryRepository).add(_make_result("2", 120 + noise, at))
            repositories.of(TaskResultHistoryRepository).add(_make_result("3", 100 + 20 * noise, at))
        repositories.of(TaskResultHistoryRepository).add(_make_result("2", 70.0, now, Verdict.FLAGGED))
    return command


def _make_result(
    qid: str, value: float, at: datetime, verdict: Verdict = Verdict.ACCEPTED
) -> TaskResultModel:
    task_id = f"{qid}-{at:%d%H%M%S%f}"
    origin = {"calibrated_at": at, "execution_id": "20260401-000", "task_id": task_id}
    return TaskResultModel(
        project_id="default",
        username="admin",
        chip_id="lab",
        name="CheckT1",
        qid=qid,
        task_id=task_id,
        execution_id="20260401-000",
        status=TaskStatus.COMPLETED,
        verdict=verdict,
        start_at=at,
        end_at=at,
        output_parameters={"t1": ParameterModel(value=value, error=0.7, unit="us", **origin)},
    )


def test_trends_are_in_words_with_their_numbers(lab: InProcess) -> None:
    shown = " ".join(lab.does("metrics", "lab", "--trend").split())
    assert re.search(r"fell by (39|40)\.\d\(\d\) µs \(", shown), shown
    assert " noise sd) between " in shown
    assert "1 change point, 0 drifts, 1 spread beyond the errors among 3 series" in shown
    assert "false discovery rate 5 % of each kind" in shown
    assert "newest measured 70.0(7) µs, flagged" in shown


def test_spreads_are_one_line_for_each_metric_and_with_long_one_for_each_series(lab: InProcess) -> None:
    shown = lab.does("metrics", "lab", "--trend")
    assert re.search(r"^T1: 1 of 3 scatter by more than their errors, median 1\d %$", shown, re.MULTILINE)
    assert "beyond the error bars" not in shown
    assert [line.split()[0] for line in shown.splitlines()[2:] if " T1 " in line] == ["0", "2"]
    assert "µs beyond the error bars" in " ".join(lab.does("metrics", "lab", "--trend", "--long").split())


def test_every_series_is_listed_with_long(lab: InProcess) -> None:
    first, *others = [
        line.split()[:3] for line in lab.does("metrics", "lab", "--trend", "--long").splitlines()[2:]
    ]
    assert first == ["0", "T1", "12"]
    assert ["2", "T1", "12"] in others


def test_json_has_the_series_and_what_is_significant(lab: InProcess) -> None:
    found = ChipTrendsDocument.model_validate_json(lab.does("metrics", "lab", "--trend", "--json"))
    assert (found.change_points, found.drifts, found.false_discovery_rate) == (1, 0, 0.05)
    (change,) = found.series[0].change_points
    assert change.size == pytest.approx(-40, abs=1.5)
    assert change.before == found.series[0].points[6].at
    assert [one.n for one in found.series] == [12, 12, 12]


def test_a_selection_of_values_is_refused(lab: InProcess) -> None:
    assert "trends are of all accepted values" in lab.run_refused("metrics", "lab", "--trend", "--failed")
    assert "--summary" in lab.run_refused("metrics", "lab", "--trend", "--summary")


def test_a_chip_without_values_says_so(lab: InProcess) -> None:
    assert "no matching values" in lab.does("metrics", "lab", "--trend", "--qids", "4")
