"""Mapping of states in the record to states in Prefect, and its reports."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.models.execution import EndReason, ExecutionModel, ExecutionStatus
from qdash_prefect import states
from qdash_prefect.states import RESUME_REMARK, SUPERSEDED, Reporter, State, map_to_state

from .rest import FakeServer

if TYPE_CHECKING:
    from qdash_prefect.states import Kind

PATIENCE_S = 10.0


def ended(status: ExecutionStatus, reason: EndReason | None = None, message: str = "") -> ExecutionModel:
    return ExecutionModel(
        project_id="p",
        username="admin",
        name="check",
        execution_id="20261121-001",
        chip_id="chip",
        status=status,
        reason=reason,
        message=message,
    )


@pytest.mark.parametrize(
    ("execution", "kind"),
    [
        (ended(ExecutionStatus.COMPLETED), "COMPLETED"),
        (ended(ExecutionStatus.CANCELLED, EndReason.CANCELLED), "CANCELLED"),
        (ended(ExecutionStatus.FAILED, EndReason.ERROR), "FAILED"),
        (ended(ExecutionStatus.FAILED, EndReason.REFUSED), "FAILED"),
        (ended(ExecutionStatus.FAILED, EndReason.INTERRUPTED), "CRASHED"),
        (ended(ExecutionStatus.SCHEDULED), "CANCELLED"),
        (ended(ExecutionStatus.RUNNING), "RUNNING"),
    ],
)
def test_each_end_of_an_execution_maps_to_a_state_of_prefect(execution: ExecutionModel, kind: Kind) -> None:
    assert map_to_state(execution).kind == kind


def test_the_recorded_message_is_reported() -> None:
    assert map_to_state(ended(ExecutionStatus.FAILED, EndReason.ERROR, "no signal")).message == "no signal"


def test_an_unstarted_run_is_reported_as_superseded() -> None:
    waits = map_to_state(ended(ExecutionStatus.SCHEDULED))
    assert (waits.to_document()["name"], waits.ends_by_cancel) == (SUPERSEDED, False)
    cancelled = map_to_state(ended(ExecutionStatus.CANCELLED, EndReason.CANCELLED))
    assert (cancelled.to_document()["name"], cancelled.ends_by_cancel) == ("Cancelled", True)


def test_the_message_of_an_interrupted_run_mentions_the_resume() -> None:
    message = map_to_state(
        ended(ExecutionStatus.FAILED, EndReason.INTERRUPTED, "interrupted: let go")
    ).message
    assert message == f"interrupted: let go; {RESUME_REMARK}"


def path(flow_run_id: str) -> str:
    return f"/flow_runs/{flow_run_id}/set_state"


def told(server: FakeServer, flow_run_id: str = "f1") -> list[str]:
    return [body["state"]["type"] for body in server.bodies(path(flow_run_id))]


def test_states_are_reported_in_order_and_completely() -> None:
    server = FakeServer()
    with Reporter(server.client()) as reporter:
        for kind in ("RUNNING", "CANCELLING", "CANCELLED"):
            reporter.report("f1", State(kind))
    assert told(server) == ["RUNNING", "CANCELLING", "CANCELLED"]


def test_only_final_states_are_set_by_force() -> None:
    server = FakeServer()
    with Reporter(server.client()) as reporter:
        reporter.report("f1", State("RUNNING"))
        reporter.report("f1", State("COMPLETED"))
    assert [body["force"] for body in server.bodies(path("f1"))] == [False, True]


def test_while_the_server_is_unavailable_the_last_state_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_RETRY_S", 0.01)
    server, came = FakeServer(away=True), threading.Event()

    def accept(_body: Any) -> tuple[int, Any]:
        came.set()
        return 201, None

    server.answers["POST", path("f1")] = accept
    with Reporter(server.client()) as reporter:
        reporter.report("f1", State("RUNNING"))
        reporter.report("f1", State("COMPLETED"))
        server.away = False
        assert came.wait(PATIENCE_S)
    assert told(server)[-1] == "COMPLETED"


def test_the_end_does_not_wait_for_an_unavailable_server(caplog: pytest.LogCaptureFixture) -> None:
    with Reporter(FakeServer(away=True).client()) as reporter:
        reporter.report("f9", State("COMPLETED"))
    assert "f9" in caplog.text


@pytest.mark.parametrize("status", [404, 422])
def test_a_refused_state_does_not_delay_others(status: int) -> None:
    server = FakeServer({("POST", path("f1")): lambda _body: (status, {"detail": "no"})})
    with Reporter(server.client()) as reporter:
        reporter.report("f1", State("COMPLETED"))
        reporter.report("f2", State("COMPLETED"))
    assert told(server, "f2") == ["COMPLETED"]
