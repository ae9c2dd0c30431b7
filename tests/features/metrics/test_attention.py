"""Failed targets, flagged results, marked values and values out of specification of a chip."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.chips.views.chips import ChipDocument
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.views.attention import AttentionDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core import NotFoundError, Parameter, TaskOutput
from qdash_core.models.chip import MeasuredAttempt, StatusReason, TargetStatus
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task
from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench

LATER = datetime(2100, 1, 1, tzinfo=UTC)
REASON = StatusReason(text="Measure failed: no decay", task_id="r7", execution_id="20261120-007")


def make_attempt(task_id: str) -> MeasuredAttempt:
    return MeasuredAttempt(
        task="Measure",
        task_id=task_id,
        execution_id="20261120-007",
        measured_at=LATER,
        ended_at=LATER,
        text="Measure was flagged: far away",
    )


def change_qubit(bench: Bench, qid: str, **changes: Any) -> None:
    qubits = bench.repositories.of(QubitCalibrationRepository)
    qubit = qubits.require(PROJECT, CHIP, qid).model_copy(update=changes)
    with bench.qdash.store.transaction() as transaction:
        transaction.put("qubit", qubit.to_document())


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Return a chip whose qubits 0 to 2 have a T1 of 20 µs, which is out of specification."""
    poor = TaskOutput({"t2_echo": Parameter(30.0)}, quality={"reduced_chi2": 100.0})
    echo = make_task("Echo", {"t2_echo": Parameter(30.0)}, analyse=lambda _task, _raw: poor)
    bench = make_bench(make_task("Measure", {"t1": Parameter(20.0, 0.5, "us")}), echo)
    for qid in "012":
        bench.run("Measure", qid)
    ask_limits(bench.qdash.store, CHIP)
    return bench


def summarise(bench: Bench) -> dict[str, Any]:
    metrics = bench.qdash.get(METRICS)
    return AttentionDocument.from_attention(
        CHIP, metrics.summarise_attention(ADMIN, CHIP), metrics.get_file(ADMIN, CHIP)
    ).as_json()


@pytest.mark.every_store
def test_targets_results_and_values_that_need_attention_are_counted(bench: Bench) -> None:
    change_qubit(
        bench, "0", status=TargetStatus.FAILED, status_reason=REASON, failures={"t1": make_attempt("r7")}
    )
    bench.run("Echo", "1")
    change_qubit(bench, "1", disputes={"t1": make_attempt("r8")})
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.DEAD, "open line")
    found = summarise(bench)["qubits"]
    assert found["statuses"] == {"failed": 1, "pending": 3, "dead": 1}
    assert found["failed"] == [
        {"id": "0", "status": "failed", "status_reason": REASON.model_dump(exclude_none=True)},
        {"id": "4", "status": "dead", "note": "open line"},
    ]
    assert found["flagged"] == 1
    assert found["marks"] == {"last-failed": 1, "disputed": 1}
    assert found["out_of_spec"] == [{"metric": "t1", "title": "T1", "n": 3}]
    assert summarise(bench)["couplings"]["statuses"] == {"pending": 4}


@pytest.mark.parametrize("status", [TargetStatus.DEAD, TargetStatus.EXCLUDED])
def test_values_and_results_of_targets_set_aside_need_no_attention(
    bench: Bench, status: TargetStatus
) -> None:
    attempt = {"t1": make_attempt("r8")}
    change_qubit(bench, "1", status=status, disputes=attempt, failures=attempt)
    found = summarise(bench)["qubits"]
    assert (found["flagged"], found["marks"], found["out_of_spec"]) == (
        0,
        {},
        [{"metric": "t1", "title": "T1", "n": 2}],
    )


def test_each_flagged_result_of_a_target_is_shown_once(bench: Bench) -> None:
    bench.run("Echo", "1")
    change_qubit(bench, "1", disputes={"t1": make_attempt("r8")})
    qubits = ChipDocument.from_stored(bench.qdash.get(CHIPS).get_stored(ADMIN, CHIP)).as_json()["qubits"]
    assert [one["task_id"] for one in qubits["1"]["flagged"]] == ["r8"]
    assert "flagged" not in qubits["0"]


def test_values_tell_that_they_are_out_of_specification(bench: Bench) -> None:
    known = bench.qdash.get(METRICS).get_stored(ADMIN, CHIP)
    stored = ChipValuesDocument.from_stored(known)
    shown = stored.with_specification(bench.qdash.get(METRICS).file.specify(known.specification)).as_json()
    assert shown["qubits"]["0"]["t1"]["out_of_spec"] is True
    assert "out_of_spec" not in stored.as_json()["qubits"]["0"]["t1"]


def test_an_unknown_chip_is_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="there is no chip"):
        bench.qdash.get(METRICS).summarise_attention(ADMIN, "none")
