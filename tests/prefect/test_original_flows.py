"""Flows of the original: saved, deployed, run and cancelled, with and without a real Prefect server."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from faults.commands import wait_until
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.execution import ExecutionStatus
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from tests.prefect.conftest import of_prefect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from qdash_core.models.execution import ExecutionModel
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.server import PrefectServer

    Workers = Callable[[Laboratory], AbstractContextManager[Command]]

ORIGINALS = Path(__file__).with_name("originals")
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def executions(laboratory: Laboratory) -> list[ExecutionModel]:
    with laboratory.opened() as qdash:
        return qdash.get(EXECUTIONS).newest(qdash.access("admin"))


def deployment(client: PrefectClient, laboratory: Laboratory, flow: str) -> dict[str, Any]:
    pool = laboratory.settings["QDASH_PREFECT_POOL"]
    found: dict[str, Any] = client.get(f"/deployments/name/{flow}/default@{pool}")
    return found


def quick_run(client: PrefectClient, laboratory: Laboratory, flow: str, **parameters: Any) -> str:
    """Start a flow like Prefect's page, and return the id of the flow run."""
    path = f"/deployments/{deployment(client, laboratory, flow)['id']}/create_flow_run"
    return str(client.post(path, {"parameters": parameters, "idempotency_key": str(uuid4())})["id"])


def state(client: PrefectClient, flow_run_id: str | None) -> str:
    return str(client.get(f"/flow_runs/{flow_run_id}")["state"]["type"])


def ended(client: PrefectClient, flow_run_id: str | None) -> str:
    """Wait for the end of a flow run and return its state."""
    wait_until(lambda: state(client, flow_run_id) in ENDED, what=f"the end of flow run {flow_run_id}")
    return state(client, flow_run_id)


def begun(laboratory: Laboratory) -> ExecutionModel:
    """Wait until the newest execution measures, and return it."""
    wait_until(
        lambda: [one for one in executions(laboratory)[:1] if one.status is ExecutionStatus.RUNNING],
        what="the beginning of a run",
    )
    return executions(laboratory)[0]


def cancel(client: PrefectClient, flow_run_id: str | None) -> None:
    """Cancel a flow run like Prefect's page."""
    body = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    client.post(f"/flow_runs/{flow_run_id}/set_state", body)


@pytest.fixture(scope="module")
def at_work(place: Place, server: PrefectServer, workers: Workers) -> Iterator[Laboratory]:
    """A home with the flows, and a worker for them."""
    with place.laboratory(slow_s=0.1) as home:
        laboratory = of_prefect(home, server)
        for file in sorted(ORIGINALS.glob("*.py")):
            laboratory.does("flow", "save", str(file))
        with laboratory.opened() as qdash:
            create_twin_chip(qdash, qdash.access("admin"), "other", load_device("jakarta"), seed=5)
        with workers(laboratory):
            yield laboratory


def test_an_original_flow_is_performed_as_a_flow_run_of_its_deployment(
    at_work: Laboratory, client: PrefectClient
) -> None:
    at_work.does("calibrate", "bench", "--flow", "my_calibration_flow", "--qids", "0,1")
    execution = executions(at_work)[0]
    assert execution.tasks == {"completed": 4}
    assert execution.note["flow_run_id"] == execution.flow_run_id
    assert ended(client, execution.brought_as) == "COMPLETED"
    flow_run = client.get(f"/flow_runs/{execution.brought_as}")
    assert flow_run["deployment_id"] == deployment(client, at_work, "my_calibration_flow")["id"]


@pytest.mark.release
def test_an_original_flow_is_started_in_prefect(at_work: Laboratory, client: PrefectClient) -> None:
    asked = quick_run(client, at_work, "orchestrator_flow", chip_id="bench")
    assert ended(client, asked) == "COMPLETED"
    performed = executions(at_work)[0]
    assert performed.tasks == {"completed": 1}
    assert performed.brought_as not in (None, asked)
    said = at_work.does("executions", "logs", performed.execution_id)
    assert f"this is flow run {performed.brought_as}" in said

    refused = quick_run(client, at_work, "orchestrator_flow", chip_id="nowhere")
    assert ended(client, refused) == "FAILED"
    assert "there is no chip 'nowhere'" in client.get(f"/flow_runs/{refused}")["state"]["message"]


def test_a_cancelled_original_flow_receives_the_signal_and_its_hooks_are_called(
    at_work: Laboratory, client: PrefectClient
) -> None:
    notes = at_work.home / "notes"
    at_work.does(
        "calibrate", "bench", "--flow", "cancellation_recorder", "--param", f"notes={notes}", "--detach"
    )
    execution = begun(at_work)
    cancel(client, execution.brought_as)
    assert ended(client, execution.brought_as) == "CANCELLED"
    wait_until(lambda: "hook" in notes.read_text(), what="the hook")
    assert notes.read_text().splitlines() == [
        "raised TerminationSignal",
        f"hook Cancelling {execution.brought_as}",
    ]
    cancelled = executions(at_work)[0]
    assert cancelled.status is ExecutionStatus.CANCELLED
    assert not {"running", "pending", "scheduled"} & set(cancelled.tasks)


@pytest.mark.release
def test_a_flow_run_started_in_prefect_is_cancelled_there(at_work: Laboratory, client: PrefectClient) -> None:
    asked = quick_run(client, at_work, "my_calibration_flow", chip_id="bench", qids=list("0123456"))
    execution = begun(at_work)
    cancel(client, asked)
    assert (ended(client, asked), ended(client, execution.brought_as)) == ("CANCELLED", "CANCELLED")
    assert executions(at_work)[0].status is ExecutionStatus.CANCELLED


@pytest.mark.release
def test_a_flow_starts_flows_on_other_chips(at_work: Laboratory) -> None:
    before = len(executions(at_work))
    name = f"my_calibration_flow/default@{at_work.settings['QDASH_PREFECT_POOL']}"
    others = ("--param", 'others=["other"]', "--param", f"deployment={name}")
    at_work.does("calibrate", "bench", "--flow", "several_chips", *others)

    def started() -> list[ExecutionModel]:
        return executions(at_work)[: -before or None]

    wait_until(
        lambda: len(started()) == 2 and all(one.status.terminal for one in started()), what="the end of both"
    )
    made = started()
    assert {(one.chip_id, one.status) for one in made} == {
        ("bench", ExecutionStatus.COMPLETED),
        ("other", ExecutionStatus.COMPLETED),
    }


@pytest.fixture
def alone(place: Place) -> Any:
    """A home whose runs are local, without a Prefect server."""
    with place.laboratory(slow_s=0.1) as home:
        yield home.with_settings(PREFECT_API_URL="http://127.0.0.1:9/api", PREFECT_HOME=str(home.home / "p"))


@pytest.mark.slow
def test_without_a_server_a_flow_is_called_as_a_plain_function(alone: Laboratory) -> None:
    alone.does("flow", "run", str(ORIGINALS / "orchestrator_flow.py"), "--chip", "bench")
    (only,) = executions(alone)
    assert only.status is ExecutionStatus.COMPLETED
    assert not (alone.home / "p" / "prefect.db").exists()


@pytest.mark.release
def test_without_a_server_ctrl_c_cancels_them(alone: Laboratory) -> None:
    flow = str(ORIGINALS / "my_calibration_flow.py")
    with alone.start("flow", "run", flow, "--chip", "bench", "--qids", "0,1,2,3,4,5,6") as command:
        begun(alone)
        command.signal(signal.SIGINT)
        assert command.ended() != 0
    assert executions(alone)[0].status is ExecutionStatus.CANCELLED
