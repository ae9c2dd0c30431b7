"""Flow runs requested by a worker, known before the server responds."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_prefect import deployments
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.worker_names import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.worker_context import WorkerContext
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings

_PAUSES_S = (0.1, 0.4)


class RequestedFlowRuns:
    """Flow runs requested by one worker, until they end."""

    def __init__(
        self, work: WorkerContext, settings: PrefectSettings, client: PrefectClient, *, queue: str
    ) -> None:
        self._work, self._settings, self._client, self._queue = work, settings, client, queue
        self._known: dict[str, FlowRun] = {}
        self._pending_keys: set[str] = set()
        """Keys of requests without a response, whose ids are not known yet."""
        self._changed = threading.Condition()

    def get_known_ids_and_keys(self) -> set[str]:
        """Return the ids of all flow runs, and the keys of requests without a response."""
        with self._changed:
            return {*self._known, *self._pending_keys}

    def get_by_id(self) -> dict[str, FlowRun]:
        """Return the flow runs with known ids, by id."""
        with self._changed:
            return {**self._known}

    def find(self, flow_run_id: str) -> FlowRun | None:
        """Return the flow run with this id, or None if it is unknown."""
        with self._changed:
            return self._known.get(flow_run_id)

    def await_response(self, found: Document) -> FlowRun | None:
        """Wait for a pending response; return the flow run, or None if it is no longer wanted."""
        with self._changed:
            self._changed.wait_for(lambda: found.get("idempotency_key") not in self._pending_keys)
            return self._known.get(found["id"])

    def forget(self, flow_run: FlowRun) -> None:
        """Remove a flow run that has ended."""
        with self._changed:
            del self._known[flow_run.flow_run_id]

    def request(self, execution: ExecutionModel, stop: Stop) -> FlowRun:
        """Request a flow run that performs an execution. Raises as `PrefectClient.request`."""
        target = _with_retry(
            lambda: deployments.resolve_flow_run_request(self._client, self._settings, execution)
        )
        project_id, execution_id = execution.project_id, execution.execution_id
        on_chip = f" on {execution.chip_id}" if execution.chip_id else ""
        key = f"{project_id}/{execution_id}/{len(execution.attempts)}/{uuid.uuid4()}"
        wanted = {
            "name": f"{execution_id} {execution.name}{on_chip}",
            "parameters": target.parameters,
            "enforce_parameter_schema": False,
            "work_queue_name": self._queue,
            "labels": {
                PROJECT_LABEL: project_id,
                EXECUTION_LABEL: execution_id,
                LABEL: self._work.owner,
            },
            "idempotency_key": key,
        }
        path = f"/deployments/{target.deployment_id}/create_flow_run"
        with self._register_request(key):
            flow_run = FlowRun(
                self._work.runtime,
                _with_retry(lambda: self._client.post(path, wanted))["id"],
                execution,
                stop,
                owner=self._work.owner,
                has_hooks=target.has_hooks,
            )
            with self._changed:
                self._known[flow_run.flow_run_id] = flow_run
        return flow_run

    @contextmanager
    def _register_request(self, key: str) -> Iterator[None]:
        with self._changed:
            self._pending_keys.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._pending_keys.discard(key)
                self._changed.notify_all()


def _with_retry(send: Callable[[], Any]) -> Any:
    """Return the response to `send`, repeated a few times if the server is busy; raise as `PrefectClient.request`."""
    for pause_s in _PAUSES_S:
        try:
            return send()
        except PrefectUnavailableError:
            time.sleep(pause_s)
    return send()
