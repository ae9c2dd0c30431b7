"""Performing a calibration to its end, of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import NotFoundError
from qdash_core.flows.steps import BringUp, CustomOneQubit, CustomTwoQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.runs.performance import run_to_end
from qdash_core.runs.run_preparation import get_steps

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core.hooks.flows import StepRun

    from ..conftest import MakeBench


@pytest.mark.every_store
def test_running_to_the_end_finishes(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    ended = run_to_end(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert ended.status is ExecutionStatus.COMPLETED


class Step:
    """A step that raises on execution."""

    tasks = ()

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def apply(self, run: StepRun) -> None:
        if not run.previewing:
            raise self._error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("a bug in a step"), "failed", "a bug in a step"),
        (ValueError(), "failed", "ValueError"),
        (SystemExit(3), "failed", "3"),
        (KeyboardInterrupt(), "cancelled", "cancelled"),
    ],
)
def test_whatever_stops_a_flow_is_recorded_and_raised(
    make_bench: MakeBench, error: BaseException, status: str, message: str
) -> None:
    bench = make_bench(make_task())
    with pytest.raises(type(error)):
        run_to_end(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Measure"]), Step(error)])
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (execution.status, execution.message, execution.tasks) == (status, message, {"completed": 1})
    bench.start_session().complete()


def test_a_polite_end_is_a_cancellation(make_bench: MakeBench) -> None:
    """A service manager sends SIGTERM in the middle of a task."""
    import os
    import signal

    bench = make_bench(make_task(measure=lambda *_: os.kill(os.getpid(), signal.SIGTERM)), make_task("Later"))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        run_to_end(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Measure", "Later"])])
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (execution.status, execution.tasks) == (ExecutionStatus.CANCELLED, {"cancelled": 2})
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_interrupt_while_the_run_begins_says_what_is_cancelled(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), backends=[make_backend(connect=make_raising(KeyboardInterrupt))])
    request = RunRequest(
        username="admin", chip_id=CHIP, flow="Measure", targets=TargetSelection(qubits=("0",))
    )
    with pytest.raises(KeyboardInterrupt) as interrupt:
        bench.qdash.get(RUNS).run(ADMIN, request)
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.CANCELLED
    run = execution.execution_id
    assert str(interrupt.value) == (
        f"execution {run} is cancelled: `qdash executions resume {run}` resumes it"
    )


def test_a_flow_or_a_task_is_found_by_name(make_bench: MakeBench) -> None:
    pair = make_task("CR", {}, task_type="coupling")
    bench = make_bench(make_task(), pair, flows=[FlowTemplate("mine", "Mine.", [BringUp(["Measure"])])])
    registry, catalogue = bench.qdash.registry, bench.qdash.get_catalogue(PROJECT, CHIP)
    assert get_steps("mine", registry, catalogue) == [BringUp(["Measure"])]
    assert get_steps("Measure", registry, catalogue) == [CustomOneQubit(["Measure"])]
    assert get_steps("CR", registry, catalogue) == [CustomTwoQubit(["CR"])]
    with pytest.raises(
        NotFoundError,
        match=r"no flow or task 'x' \(flows: .*mine.*\): .*no task 'x'",
    ):
        get_steps("x", registry, catalogue)
