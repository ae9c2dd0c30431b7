"""Cancellation in flows: its exceptions, and their names in the original system."""

from __future__ import annotations

import asyncio
import concurrent.futures
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

import qdash_core
from qdash.workflow.service import calib_service
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService, on_flow_cancellation
from qdash_core.flows.cancellation import cancel_by_flow_run_id, is_cancellation
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.hooks.manager import Registry
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.session.running_flow import RunningFlow, make_flow_run_id, set_current_flow
from qdash_prefect.runner import PrefectRunner

from ...access import ADMIN
from ..bench import CHIP, PROJECT, Bench, make_task
from .samples import get_states

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..conftest import MakeBench


def start_original_run(bench: Bench) -> calib_service.CalibService:
    return calib_service.CalibService("admin", CHIP, qdash=bench.qdash)


STEPS = [CustomOneQubit(["Measure"])]


class TerminationSignal(Exception):  # noqa: N818  Prefect's name
    """Stand-in for Prefect's exception."""


class CancelledRun(Exception):  # noqa: N818
    """Stand-in for Prefect's exception."""


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        concurrent.futures.CancelledError(),
        qdash_core.CancelledError(),
        CancelledRun(),
        TerminationSignal(),
    ],
)
def test_these_mean_that_a_flow_is_cancelled(error: BaseException) -> None:
    assert is_cancellation(error)


@pytest.mark.parametrize("error", [ValueError(), SystemExit(), GeneratorExit(), TimeoutError()])
def test_anything_else_is_a_failure(error: BaseException) -> None:
    assert not is_cancellation(error)


def test_the_names_of_the_original_are_where_flows_import_them() -> None:
    assert calib_service.on_flow_cancellation is qdash_core.on_flow_cancellation
    assert calib_service._is_cancellation is is_cancellation
    assert calib_service.CalibService._is_cancellation(KeyboardInterrupt())


@pytest.mark.every_store
def test_a_flow_run_is_cancelled_from_outside_by_its_id(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    flow_run = RunningFlow()
    with set_current_flow(flow_run):
        done, left = bench.make_service(), bench.make_service()
        done.run(QubitTargets(["0"]), STEPS)
        done.finish_calibration()
        left.run(QubitTargets(["0"]), STEPS)
    start_original_run(bench)._cancel_executions_by_flow_run_id("another")
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].status == "running"

    cancel_by_flow_run_id(bench.qdash, flow_run.flow_run_id, PROJECT)

    newest, oldest = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (newest.status, oldest.status) == ("cancelled", "completed")
    assert get_states(bench, newest.execution_id) == {("Measure", "0"): "completed"}
    bench.run()
    cancel_by_flow_run_id(bench.qdash, flow_run.flow_run_id)
    assert left.cancel_calibration() is not None


def test_what_waits_is_recorded_as_cancelled_before_the_end(make_bench: MakeBench) -> None:
    cals: list[calib_service.CalibService] = []

    def stop(*_: object) -> None:
        cals[0]._finalize_tasks_on_cancel()
        raise KeyboardInterrupt

    bench = make_bench(make_task(measure=stop), make_task("Later"))
    cals.append(start_original_run(bench))
    with pytest.raises(KeyboardInterrupt):
        cals[0].run(QubitTargets(["0"]), [CustomOneQubit(["Measure", "Later"])])
    execution_id = cals[0].execution.execution_id
    assert get_states(bench, execution_id)["Later", "0"] == TaskStatus.CANCELLED
    cals[0].cancel_calibration()
    ended = cals[0].execution
    assert (ended.status, ended.tasks) == ("cancelled", {"cancelled": 2})


@pytest.mark.parametrize("service", [CalibService, calib_service.CalibService])
def test_an_execution_bears_the_id_under_which_prefect_runs_its_flow(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, service: type[CalibService]
) -> None:
    monkeypatch.setattr(Registry, "runners", lambda _: {"prefect": PrefectRunner()})
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "5f0c2f6a-0000-4000-8000-000000000000")
    bench = make_bench(make_task())
    with set_current_flow(RunningFlow()):
        cal = service("admin", CHIP, qdash=bench.qdash)
        cal.run(QubitTargets(["0"]), STEPS)
        cal.finish_calibration()
    ended = bench.get_last_execution()
    assert ended.flow_run_id == ended.note["flow_run_id"] == "5f0c2f6a-0000-4000-8000-000000000000"


def cancel_by_id(flow_run: RunningFlow, _execution_id: str) -> SimpleNamespace:
    return SimpleNamespace(id=flow_run.flow_run_id, parameters={"project_id": PROJECT})


def cancel_by_labels(_flow_run: RunningFlow, execution_id: str) -> SimpleNamespace:
    labels = {"qdash.project": PROJECT, "qdash.execution": execution_id}
    return SimpleNamespace(id=make_flow_run_id(), parameters={}, labels=labels)


@pytest.mark.parametrize("made_run", [cancel_by_id, cancel_by_labels])
def test_the_hook_opens_what_the_settings_say(
    tmp_path: Path,
    no_settings: None,
    monkeypatch: pytest.MonkeyPatch,
    made_run: Callable[[RunningFlow, str], SimpleNamespace],
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", make_task())
    flow_run = RunningFlow()
    with set_current_flow(flow_run):
        cal = CalibService("admin", CHIP, qdash=bench.qdash)
        cal.run(QubitTargets(["0"]), STEPS)
    on_flow_cancellation(
        None, made_run(flow_run, bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].execution_id), None
    )

    assert bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].status == "cancelled"
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    cal.cancel_calibration()
    bench.qdash.close()
