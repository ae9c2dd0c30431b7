"""Decisions of users on the results of an execution count when it is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.request_validation import require_unfinished
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, OutputParameter, Parameter, TaskOutput
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel

    from ..bench import Bench
    from ..conftest import MakeBench

GIVEN: dict[str, float] = {}
"""Frequency of the next measurement, and its reduced chi²: above 10 it is flagged."""


def analyse(_task: object, _raw: object) -> TaskOutput:
    return TaskOutput(
        parameters={"frequency": Parameter(GIVEN["frequency"], 0.1, "GHz")},
        quality={"reduced_chi2": GIVEN["chi2"]},
    )


FREQUENCY = make_task(
    "Frequency", analyse=analyse, output_parameters={"frequency": OutputParameter(unit="GHz", minimum=0.0)}
)
T1 = make_task("T1", {"t1": Parameter(30.0, 1.0, "us")}, needs=["frequency"])


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(FREQUENCY, T1)


def run_both(bench: Bench, *, chi2: float = 1.0, value: float = 5.0, **config: Any) -> list[TaskResultModel]:
    """Run both tasks in a session that then fails."""
    GIVEN.update(frequency=value, chi2=chi2)
    session = bench.start_session(**config)
    results = [session.run_task(name, "0") for name in ("Frequency", "T1")]
    session.fail("the cryostat is warm")
    return [bench.get_stored(one) for one in results]


def resume(bench: Bench, former: TaskResultModel, **given: float) -> list[TaskResultModel]:
    return run_both(bench, **given, execution_id=former.execution_id, resume=True)


@pytest.mark.every_store
def test_a_flagged_result_that_a_user_accepted_is_used(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    flagged, skipped = run_both(bench, chi2=100.0)
    assert (flagged.verdict, skipped.status) == (Verdict.FLAGGED, TaskStatus.SKIPPED)
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id, reason="a good fit")
    replayed, t1 = resume(bench, flagged)
    assert replayed.task_id == flagged.task_id
    assert (t1.status, t1.input_parameters["frequency"].task_id) == (TaskStatus.COMPLETED, flagged.task_id)


def test_a_flagged_result_that_a_user_accepted_makes_its_target_calibrated(bench: Bench) -> None:
    GIVEN.update(frequency=5.0, chi2=100.0)
    cal = bench.make_service()
    cal.run(QubitTargets(["0"]), [BringUp(["Frequency"])])
    failed = cal.fail_calibration("the cryostat is warm")
    assert failed is not None
    (flagged,) = bench.list_results(failed.execution_id)
    assert (flagged.verdict, bench.get_qubit().status) == (Verdict.FLAGGED, TargetStatus.PENDING)

    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id, reason="a good fit")
    with set_current_flow(RunningFlow(resumed=flagged.execution_id)):
        resumed = bench.make_service()
        resumed.run(QubitTargets(["0"]), [BringUp(["Frequency"])])
        ended = resumed.finish_calibration()
    assert (ended.execution_id, ended.tasks) == (flagged.execution_id, {"completed": 1})
    assert bench.get_qubit().status is TargetStatus.CALIBRATED


@pytest.mark.every_store
def test_a_result_that_a_user_rejected_is_measured_again(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    run_both(bench, value=4.9)
    rejected, _ = run_both(bench)
    bench.qdash.get(VALUES).reject(ADMIN, rejected.task_id, reason="the wrong line")
    assert bench.get_value("frequency") == 4.9
    again, _ = resume(bench, rejected, value=5.1)
    assert (again.attempt, again.output_parameters["frequency"].value) == (2, 5.1)
    assert bench.get_qubit().data["frequency"].task_id == again.task_id


def test_what_needs_a_rejected_value_is_skipped_if_it_is_not_found_again(bench: Bench) -> None:
    GIVEN.update(frequency=5.0, chi2=1.0)
    session = bench.start_session()
    rejected = session.run_task("Frequency", "0")
    session.fail("the cryostat is warm")
    bench.qdash.get(VALUES).reject(ADMIN, rejected.task_id, reason="the wrong line")
    again, t1 = resume(bench, rejected, value=-1.0)
    assert (again.status, t1.status) == (TaskStatus.FAILED, TaskStatus.SKIPPED)
    third, t1 = resume(bench, rejected, value=5.1)
    assert (third.attempt, third.verdict, t1.status) == (3, Verdict.ACCEPTED, TaskStatus.COMPLETED)


def test_a_flagged_result_whose_acceptance_was_undone_is_flagged_again(bench: Bench) -> None:
    flagged, _ = run_both(bench, chi2=100.0)
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    bench.qdash.get(VALUES).undo(ADMIN)
    replayed, t1 = resume(bench, flagged)
    assert (replayed.task_id, t1.status) == (flagged.task_id, TaskStatus.SKIPPED)


def test_a_run_of_the_failed_tasks_measures_a_rejected_result_again(bench: Bench) -> None:
    GIVEN.update(frequency=5.0, chi2=1.0)
    rejected = bench.run("Frequency")
    with pytest.raises(InvalidInputError, match="no user rejected a result"):
        require_unfinished(bench.qdash, PROJECT, rejected.execution_id, chip_id=CHIP)
    bench.qdash.get(VALUES).reject(ADMIN, rejected.task_id, reason="the wrong line")
    assert require_unfinished(bench.qdash, PROJECT, rejected.execution_id, chip_id=CHIP) == []
