"""Prefect's worker in QDash: if a busy server prevents the start of a flow run, it is scheduled again."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.client.schemas.objects import State

pytestmark = pytest.mark.slow  # Prefect takes seconds to import
REQUEST = httpx.Request("GET", "http://server/api/flows/1")
FLOW_RUN = UUID(int=1)


def answered(status: int) -> httpx.HTTPStatusError:
    return httpx.HTTPStatusError(str(status), request=REQUEST, response=httpx.Response(status))


class Server:
    """Fails all requests; returns the state of the flow run after some failures."""

    def __init__(self, error: Exception, busy: int, kind: str = "PENDING") -> None:
        self.error, self.busy, self.kind = error, busy, kind
        self.states: list[tuple[str, str]] = []

    async def fails(self, *_: Any) -> None:
        raise self.error

    async def read_flow_run(self, flow_run_id: UUID) -> Any:
        from prefect.states import State

        assert flow_run_id == FLOW_RUN
        if self.busy:
            self.busy -= 1
            raise answered(503)
        return SimpleNamespace(state=State(type=self.kind))

    async def set_flow_run_state(self, flow_run_id: UUID, state: State[Any], **_: Any) -> Any:
        assert flow_run_id == FLOW_RUN
        self.states.append((state.type.value, state.message or ""))
        return SimpleNamespace(status=None, state=state)

    read_flow = read_deployment = fails


def begun(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Start a flow run in a worker; return the states that it reports."""
    from prefect.client.schemas.objects import FlowRun, WorkPool
    from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
    from prefect.workers import base

    from qdash_prefect import pool_worker

    async def proposed(client: Server, state: State[Any], flow_run_id: UUID, **_: Any) -> State[Any]:
        await client.set_flow_run_state(flow_run_id, state)
        return state

    monkeypatch.setattr(base, "propose_state", proposed)
    monkeypatch.setattr(pool_worker, "_RETRY_S", 0.0)
    worker: Any = pool_worker._Worker(work_pool_name="pool", name="worker")
    worker._client, worker._work_pool = (
        server,
        WorkPool(name="pool", type="process", default_queue_id=UUID(int=2)),
    )
    status = SimpleNamespace(_future=Future[None](), started=lambda _: None)
    flow_run = FlowRun(id=FLOW_RUN, flow_id=UUID(int=3), name="001")
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
        asyncio.run(worker._submit_run_and_capture_errors(flow_run, status))
    return server.states


class ForgetfulServer:
    """Processes requests, but loses its first response and refuses the repetition like Prefect's server."""

    def __init__(self, taken_by: str = "") -> None:
        self.state: Any = None
        self.taken_by = taken_by

    async def set_flow_run_state(self, flow_run_id: UUID, state: State[Any], **_: Any) -> Any:
        from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAbortDetails
        from prefect.states import Pending

        assert flow_run_id == FLOW_RUN
        self.state = Pending(message=self.taken_by) if self.taken_by else state
        details = StateAbortDetails(reason="This run is in a pending state.")
        return OrchestrationResult(state=None, status=SetStateStatus.ABORT, details=details)

    async def read_flow_run(self, flow_run_id: UUID) -> Any:
        assert flow_run_id == FLOW_RUN
        return SimpleNamespace(state=self.state)


def takes(server: Any) -> bool:
    """Return whether a worker accepts a flow run offered by a server."""
    from prefect.client.schemas.objects import FlowRun

    from qdash_prefect import pool_worker

    worker: Any = pool_worker._Worker(work_pool_name="pool", name="worker")
    worker._client = server
    return asyncio.run(worker._propose_pending_state(FlowRun(id=FLOW_RUN, flow_id=UUID(int=3), name="001")))


def test_a_flow_run_is_taken_although_the_response_is_lost() -> None:
    assert takes(ForgetfulServer())


def test_a_flow_run_that_was_deleted_meanwhile_is_not_taken() -> None:
    from prefect.exceptions import ObjectNotFound

    class Without(ForgetfulServer):
        async def set_flow_run_state(self, *_: Any, **__: Any) -> Any:
            raise ObjectNotFound(answered(404))

        async def read_flow_run(self, _: UUID) -> Any:
            raise ObjectNotFound(answered(404))

    assert not takes(Without())


def test_a_flow_run_that_another_worker_has_taken_is_left_to_it() -> None:
    assert not takes(ForgetfulServer(taken_by="taken by another"))


def test_a_worker_goes_on_if_the_server_dies_before_it_takes_a_flow_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from prefect.client.schemas.objects import FlowRun

    from qdash_prefect import pool_worker

    worker: Any = pool_worker._Worker(work_pool_name="pool", name="worker")
    worker._client = Server(httpx.ConnectError("refused", request=REQUEST), 0)
    worker._submitting_flow_run_ids.add(FLOW_RUN)
    asyncio.run(
        worker._submit_run(FlowRun(id=FLOW_RUN, flow_id=UUID(int=3), deployment_id=UUID(int=4), name="001"))
    )
    assert worker._submitting_flow_run_ids == set(), "the next request offers it again"
    assert worker._client.states == []


@pytest.mark.parametrize(
    "error",
    [lambda: answered(503), lambda: answered(500), lambda: httpx.ReadTimeout("", request=REQUEST)],
    ids=["503", "500", "timeout"],
)
@pytest.mark.parametrize("busy", [0, 2])
def test_a_flow_run_that_a_busy_server_did_not_start_is_scheduled_again(
    error: Callable[[], Exception], busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(kind, message)] = begun(Server(error(), busy), monkeypatch)
    assert kind == "SCHEDULED"
    assert message.startswith("scheduled again: Failed to submit flow run to infrastructure")


@pytest.mark.parametrize(
    "error", [answered(404), ValueError("a template that is none")], ids=["404", "other"]
)
def test_a_flow_run_that_cannot_be_started_for_another_reason_has_crashed(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(kind, message)] = begun(Server(error, 0), monkeypatch)
    assert kind == "CRASHED"
    assert message.startswith("Failed to submit flow run to infrastructure")


@pytest.mark.parametrize("kind", ["CANCELLED", "CANCELLING", "RUNNING"])
@pytest.mark.parametrize("busy", [0, 2])
def test_a_flow_run_cancelled_meanwhile_is_not_scheduled_again(
    kind: str, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = begun(Server(answered(503), busy, kind), monkeypatch)
    assert "SCHEDULED" not in [one for one, _ in states]
