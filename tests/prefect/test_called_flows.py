"""Flows of users' own programs on a real Prefect server: served, called directly, called by another flow, performed by a
worker of Prefect. Each is cancelled on either side, and both sides agree.
"""

from __future__ import annotations

import signal
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from faults.commands import wait_until
from faults.laboratory import PROJECT
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.errors import NotFoundError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from qdash_core.models.execution import ExecutionModel
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.server import PrefectServer

PROGRAM = "tests.prefect.called_flows_program"


def _before_release(*values: str) -> ParameterSet:
    """Return a parameter set that runs before a release only: another one covers the same code."""
    return pytest.param(*values, marks=pytest.mark.release)


@pytest.fixture(scope="module")
def bench(place: Place, server: PrefectServer) -> Iterator[Laboratory]:
    """A home whose runs are local, so that only its programs know the server."""
    with place.laboratory(slow_s=0.2) as home:
        yield home.with_settings(**server.environment)


def list_executions(bench: Laboratory) -> list[ExecutionModel]:
    with bench.opened() as qdash:
        return qdash.get(EXECUTIONS).newest(qdash.access("admin"))


def await_measurement(bench: Laboratory, program: Command, before: int) -> ExecutionModel:
    """Wait until a new execution has measured, and return it."""

    def has_measured() -> bool:
        assert program.running, program.err
        made = list_executions(bench)
        return len(made) > before and made[0].tasks.get("completed", 0) > 0

    wait_until(has_measured, what="the first result of the flow")
    return list_executions(bench)[0]


def get_state(client: PrefectClient, flow_run_id: str | None) -> str:
    return str(client.get(f"/flow_runs/{flow_run_id}")["state"]["type"])


def get_flow_name(client: PrefectClient, flow_run_id: str | None) -> str:
    flow_id = client.get(f"/flow_runs/{flow_run_id}")["flow_id"]
    return str(client.get(f"/flows/{flow_id}")["name"])


def cancel_in_prefect(client: PrefectClient, flow_run_id: str | None) -> None:
    """Cancel a flow run like Prefect's page."""
    body = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    client.post(f"/flow_runs/{flow_run_id}/set_state", body)


def start_deployment(client: PrefectClient, name: str) -> None:
    """Start the deployment of a flow like Prefect's page, once it is there."""
    found: list[dict[str, Any]] = []

    def is_deployed() -> bool:
        try:
            found.append(client.get(f"/deployments/name/{name}/deployed"))
        except NotFoundError:
            return False
        return True

    wait_until(is_deployed, what=f"the deployment of {name}")
    client.post(f"/deployments/{found[0]['id']}/create_flow_run", {})


def require_agreement(bench: Laboratory, client: PrefectClient, execution: ExecutionModel) -> None:
    """Check that an execution and the flow runs that it names are cancelled, and that its chip is free."""

    def is_cancelled_in_prefect() -> bool:
        ids = {execution.brought_as, execution.flow_run_id}
        return {get_state(client, flow_run_id) for flow_run_id in ids} == {"CANCELLED"}

    wait_until(is_cancelled_in_prefect, what="the end of the flow runs as cancelled")
    wait_until(lambda: list_executions(bench)[0].status.terminal, what="the end of the execution")
    ended = list_executions(bench)[0]
    assert (ended.execution_id, ended.status) == (execution.execution_id, ExecutionStatus.CANCELLED)
    assert not {"running", "pending", "scheduled"} & set(ended.tasks)
    with bench.opened() as qdash:
        assert qdash.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


@pytest.mark.parametrize("flow", ["guarded", _before_release("unguarded"), _before_release("returning")])
def test_a_directly_called_flow_is_cancelled_with_its_flow_run(
    bench: Laboratory, client: PrefectClient, flow: str
) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, flow, "call") as program:
        execution = await_measurement(bench, program, before)
        assert execution.brought_as == execution.flow_run_id == execution.note["flow_run_id"]
        assert get_flow_name(client, execution.brought_as) == flow
        cancel_in_prefect(client, execution.flow_run_id)
        require_agreement(bench, client, execution)
        program.ended()
        assert ("the program goes on" in program.out) == (flow == "returning")
    assert list_executions(bench)[0].message == "cancelled by prefect"


@pytest.mark.parametrize("where", ["called", _before_release("calling")])
def test_a_flow_called_by_another_is_cancelled_with_either_flow_run(
    bench: Laboratory, client: PrefectClient, where: str
) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "calling", "call") as program:
        execution = await_measurement(bench, program, before)
        assert execution.note["flow_run_id"] == execution.brought_as != execution.flow_run_id
        assert get_flow_name(client, execution.brought_as) == "unguarded"
        assert get_flow_name(client, execution.flow_run_id) == "calling"
        cancel_in_prefect(client, execution.brought_as if where == "called" else execution.flow_run_id)
        require_agreement(bench, client, execution)


@pytest.mark.release
def test_a_calling_flow_may_go_on_after_a_cancelled_one(bench: Laboratory, client: PrefectClient) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "catching", "call") as program:
        execution = await_measurement(bench, program, before)
        cancel_in_prefect(client, execution.brought_as)
        assert program.ended() == 0
        assert program.out.splitlines()[-2:] == ["goes on", "the program goes on"]
    assert get_state(client, execution.brought_as) == "CANCELLED"
    assert get_state(client, execution.flow_run_id) == "COMPLETED"
    assert list_executions(bench)[0].status is ExecutionStatus.CANCELLED


@pytest.mark.parametrize(
    ("flow", "way"),
    [_before_release("unguarded", "serve"), _before_release("resting", "serve"), ("guarded", "work")],
)
def test_a_flow_of_a_deployment_is_cancelled_with_its_flow_run(
    bench: Laboratory, client: PrefectClient, flow: str, way: str
) -> None:
    before = len(list_executions(bench))
    pool = f"plain-{uuid.uuid4().hex[:8]}"
    if way == "work":
        client.post("/work_pools/", {"name": pool, "type": "process"})
    with bench.start_module(PROGRAM, flow, way, pool) as program:
        start_deployment(client, flow)
        execution = await_measurement(bench, program, before)
        assert execution.brought_as == execution.flow_run_id == execution.note["flow_run_id"]
        cancel_in_prefect(client, execution.flow_run_id)
        require_agreement(bench, client, execution)


@pytest.mark.parametrize("way", ["call", _before_release("serve")])
def test_a_flow_is_cancelled_in_prefect_if_a_command_cancels_its_execution(
    bench: Laboratory, client: PrefectClient, way: str
) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "unguarded", way) as program:
        if way == "serve":
            start_deployment(client, "unguarded")
        execution = await_measurement(bench, program, before)
        bench.does("executions", "cancel", str(execution.brought_as))
        require_agreement(bench, client, execution)


@pytest.mark.release
def test_a_flow_that_does_something_else_is_interrupted(bench: Laboratory, client: PrefectClient) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "resting", "call") as program:
        execution = await_measurement(bench, program, before)
        cancel_in_prefect(client, execution.flow_run_id)
        require_agreement(bench, client, execution)
        program.ended()  # the flow itself rests for longer than anything waits


@pytest.mark.release
def test_ctrl_c_cancels_a_directly_called_flow_on_both_sides(
    bench: Laboratory, client: PrefectClient
) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "unguarded", "call") as program:
        execution = await_measurement(bench, program, before)
        program.signal(signal.SIGINT)
        require_agreement(bench, client, execution)


def test_a_flow_that_completes_is_completed_on_both_sides(bench: Laboratory, client: PrefectClient) -> None:
    before = len(list_executions(bench))
    with bench.start_module(PROGRAM, "brief", "call") as program:
        assert program.ended() == 0
    execution = list_executions(bench)[0]
    assert len(list_executions(bench)) == before + 1
    assert execution.status is ExecutionStatus.COMPLETED
    assert get_state(client, execution.brought_as) == "COMPLETED"
