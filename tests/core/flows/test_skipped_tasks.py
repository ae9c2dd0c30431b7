"""Skipping after a failed, flagged or rejected task, and continuation of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import Parameter
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, QubitTargets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.session.dispatch.plans import Plan

from ..bench import make_raising, make_task
from .samples import FREQUENCY, RABI, T1, Flagging, get_states, make_failing_task

if TYPE_CHECKING:
    from ..conftest import MakeBench


@pytest.mark.every_store
def test_what_depends_on_a_failed_task_is_skipped_with_the_reason_and_the_rest_runs(
    make_bench: MakeBench,
) -> None:
    free = make_task("Resonator", {"resonator": Parameter(7.0)})
    bench = make_bench(make_failing_task("1"), RABI, T1, free)
    cal = bench.make_service()
    cal.run(QubitTargets(["0", "1"]), [CustomOneQubit(["Frequency", "Rabi", "T1", "Resonator"])])
    ended = cal.finish_calibration()
    results = {(one.name, one.qid): one for one in bench.list_results(ended.execution_id)}
    assert {key: str(one.status) for key, one in results.items()} == {
        ("Frequency", "0"): "completed",
        ("Rabi", "0"): "completed",
        ("T1", "0"): "completed",
        ("Resonator", "0"): "completed",
        ("Frequency", "1"): "failed",
        ("Rabi", "1"): "skipped",
        ("T1", "1"): "skipped",
        ("Resonator", "1"): "completed",
    }
    assert results["Rabi", "1"].message == "qubit_frequency of 1 is not available: Frequency failed"
    assert results["T1", "1"].message == "qubit_frequency of 1 is not available: Frequency failed"
    assert results["Rabi", "1"].start_at is None
    assert ended.status is ExecutionStatus.COMPLETED
    assert ended.tasks == {"completed": 5, "failed": 1, "skipped": 2}


def test_an_old_value_does_not_stand_in_for_one_that_could_not_be_measured_again(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(FREQUENCY, RABI)
    bench.run("Frequency")
    cal = bench.reinstall(make_failing_task("0"), RABI).make_service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    ended = cal.finish_calibration()
    assert get_states(bench, ended.execution_id) == {("Frequency", "0"): "failed", ("Rabi", "0"): "skipped"}
    assert (ended.status, ended.message) == (ExecutionStatus.FAILED, "no task completed")
    assert bench.get_value("qubit_frequency") == 5.0


def test_a_value_made_earlier_in_the_run_stays_good_when_a_finer_measurement_fails(
    make_bench: MakeBench,
) -> None:
    finer = make_task("Ramsey", {"qubit_frequency": Parameter(5.0)}, measure=make_raising(ValueError("flat")))
    bench = make_bench(FREQUENCY, finer, RABI)
    cal = bench.make_service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Ramsey", "Rabi"])])
    ended = cal.finish_calibration()
    assert get_states(bench, ended.execution_id)["Rabi", "0"] == "completed"


@pytest.mark.parametrize(
    ("known", "expected", "message"),
    [
        (False, "skipped", "qubit_frequency of 0 is not available: Frequency was flagged"),
        (True, "completed", ""),
    ],
)
def test_after_a_flagged_value_the_last_accepted_one_serves_if_there_is_one(
    make_bench: MakeBench, known: bool, expected: str, message: str
) -> None:
    bench = make_bench(FREQUENCY, RABI)
    if known:
        bench.run("Frequency")
    flagging = bench.reinstall(FREQUENCY, RABI, validators=[Flagging()])
    cal = flagging.make_service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    ended = cal.finish_calibration()
    rabi = next(one for one in bench.list_results(ended.execution_id) if one.name == "Rabi")
    assert (str(rabi.status), rabi.message) == (expected, message)


def test_a_coupling_task_is_skipped_when_one_of_its_qubits_failed(make_bench: MakeBench) -> None:
    from qdash_core import InputParameter

    needs = {
        "control": InputParameter(source="qubit_frequency", role="control"),
        "target": InputParameter(source="qubit_frequency", role="target"),
    }
    bench = make_bench(
        make_failing_task("2"), make_task("CR", {"phase": Parameter(0.1)}, needs=needs, task_type="coupling")
    )
    cal = bench.make_service()
    cal.run(AllMuxTargets(), [CustomOneQubit(["Frequency"])])
    cal.run(CouplingTargets(), [CustomTwoQubit(["CR"])])
    ended = cal.finish_calibration()
    results = {one.qid: one for one in bench.list_results(ended.execution_id) if one.name == "CR"}
    assert {qid: str(one.status) for qid, one in results.items()} == {
        "0-1": "completed",
        "1-2": "skipped",
        "2-3": "skipped",
        "3-4": "completed",
    }
    assert results["2-3"].message == "qubit_frequency of 2 is not available: Frequency failed"


def test_a_task_with_a_default_is_not_skipped(make_bench: MakeBench) -> None:
    from qdash_core import InputParameter

    patient = make_task(
        "Rabi", {"amplitude": Parameter(0.1)}, needs={"qubit_frequency": InputParameter(default=5.0)}
    )
    bench = make_bench(make_failing_task("0"), patient)
    cal = bench.make_service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    assert get_states(bench, cal.finish_calibration().execution_id)["Rabi", "0"] == "completed"


def test_the_order_of_the_flow_wins_over_what_is_declared(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    session = bench.start_session()
    names = ("Rabi", "Frequency", "Rabi")
    results = session.run_plan(Plan([session.plan_task(name) for name in names], [["0"]]))
    session.complete()
    assert [str(one.status) for one in results] == ["failed", "completed", "completed"]
