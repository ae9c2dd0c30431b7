"""Decisions and exclusions that are taken back: nothing of a chip is other than before, on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import FailureKind
from qdash_core.models.task import Verdict
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, Bench, OutputParameter, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.task import TaskResultModel

    from ...core.conftest import MakeBench

GIVEN: dict[str, float] = {}
_NAMES = ("qubit_frequency", "t1")
MEASURE = make_task(
    "Measure",
    analyse=lambda _task, _result: TaskOutput(
        parameters={
            name: Parameter(GIVEN[name], 0.001, unit)
            for name, unit in zip(_NAMES, ("GHz", "us"), strict=True)
        }
    ),
    output_parameters={
        "qubit_frequency": OutputParameter(unit="GHz", minimum=1.0, maximum=20.0, jump=0.1),
        "t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4, jump=0.5),
    },
)


def measure(bench: Bench, qid: str = "0", *, frequency: float = 5.0, t1: float = 80.0) -> TaskResultModel:
    GIVEN.update(qubit_frequency=frequency, t1=t1)
    return bench.run("Measure", qid, repeat=False)


def open_flagged(make_bench: MakeBench) -> Bench:
    """Return a chip with values of two qubits, and a newer flagged result of the first one."""
    bench = make_bench(MEASURE)
    for qid in ("0", "1"):
        measure(bench, qid)
    assert measure(bench, frequency=7.0).verdict is Verdict.FLAGGED
    return bench


def read_documents(bench: Bench, *, without: set[str]) -> dict[str, Any]:
    """Return everything that is shown of the chip: stored targets, marks, newest results, and counts of what needs attention."""
    stored = bench.repositories
    targets = [
        *stored.of(QubitCalibrationRepository).list_by_chip(PROJECT, CHIP),
        *stored.of(CouplingCalibrationRepository).list_by_chip(PROJECT, CHIP),
    ]
    shown = {one.qid: bench.qdash.get(TARGETS).show(ADMIN, CHIP, one.qid) for one in targets}
    return {
        "targets": {one.qid: one.model_dump(mode="json", exclude=without) for one in targets},
        "marks": {qid: view.marks for qid, view in shown.items()},
        "newest": {
            qid: [one.model_dump(mode="json", exclude=without) for one in view.results]
            for qid, view in shown.items()
        },
        "attention": bench.qdash.get(METRICS).summarise_attention(ADMIN, CHIP),
        "history": {
            name: [
                point.parameter
                for point in bench.qdash.get(METRICS)
                .get_history(ADMIN, CHIP, "0", name, period=Period())
                .points
            ]
            for name in _NAMES
        },
    }


def get_flagged(bench: Bench) -> str:
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_target(PROJECT, CHIP, "0")
    return latest.task_id


def exclude(bench: Bench, status: TargetStatus) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", status, "an open line")


TAKEN_BACK: dict[str, tuple[Callable[[Bench], object], Callable[[Bench], object]]] = {
    "a rejection": (
        lambda bench: bench.qdash.get(VALUES).reject(ADMIN, get_flagged(bench), reason="noise"),
        lambda bench: bench.qdash.get(VALUES).undo(ADMIN),
    ),
    "a rejection of the value in use": (
        lambda bench: bench.qdash.get(VALUES).reject(
            ADMIN, bench.get_qubit().data["qubit_frequency"].task_id, reason="noise"
        ),
        lambda bench: bench.qdash.get(VALUES).undo(ADMIN),
    ),
    "an acceptance": (
        lambda bench: bench.qdash.get(VALUES).accept(ADMIN, get_flagged(bench)),
        lambda bench: bench.qdash.get(VALUES).undo(ADMIN),
    ),
    "an exclusion": (
        lambda bench: exclude(bench, TargetStatus.EXCLUDED),
        lambda bench: bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "closed"),
    ),
    "an exclusion of a dead target": (
        lambda bench: (exclude(bench, TargetStatus.EXCLUDED), exclude(bench, TargetStatus.DEAD)),
        lambda bench: bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "closed"),
    ),
}


@pytest.mark.every_store
@pytest.mark.parametrize("name", TAKEN_BACK)
def test_after_a_change_is_taken_back_everything_is_as_before(make_bench: MakeBench, name: str) -> None:
    bench = open_flagged(make_bench)
    without = {"updated_at", *({"note"} if "exclusion" in name else {"status_at"})}
    before = read_documents(bench, without=without)
    change, take_back = TAKEN_BACK[name]
    change(bench)
    assert read_documents(bench, without=without) != before
    take_back(bench)
    assert read_documents(bench, without=without) == before


@pytest.mark.every_store
def test_the_rejection_of_a_flagged_result_changes_neither_values_nor_status(make_bench: MakeBench) -> None:
    bench = open_flagged(make_bench)
    outcomes = {"disputes", "failures", "verdict", "flagged_task_id", "updated_at"}
    before = read_documents(bench, without=outcomes)
    bench.qdash.get(VALUES).reject(ADMIN, get_flagged(bench), reason="another resonator")
    after = read_documents(bench, without=outcomes)
    for name in ("targets", "newest", "history"):
        assert after[name] == before[name]
    assert bench.get_qubit().disputes == {}
    assert {one.kind for one in bench.get_qubit().failures.values()} == {FailureKind.REJECTED_BY_USER}


def test_a_status_without_evidence_is_kept_by_an_exclusion(make_bench: MakeBench) -> None:
    bench = make_bench(MEASURE)
    bench.repositories.of(QubitCalibrationRepository).update_status(
        PROJECT, CHIP, "0", TargetStatus.CALIBRATED
    )
    before = bench.get_qubit()
    exclude(bench, TargetStatus.EXCLUDED)
    (after,) = bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "closed")
    assert (after.status, after.status_at) == (TargetStatus.CALIBRATED, before.status_at)
