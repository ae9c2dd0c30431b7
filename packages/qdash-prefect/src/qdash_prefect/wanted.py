"""The flow runs that a worker wants of Prefect: asked for once each, and known from then on, also before the answer is there."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.flows.prefect import EXECUTION_LABEL, PROJECT_LABEL
from qdash_prefect import deployments
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.names import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings

_PAUSES_S = (0.1, 0.4)


class Wanted:
    """Those of one worker, until they are over.

    Parameters
    ----------
    work : Work
        The worker.
    settings : PrefectSettings
        Which pool.
    client : PrefectClient
        Of the server.
    queue : str
        The work queue of this worker alone.
    """

    def __init__(self, work: Work, settings: PrefectSettings, client: PrefectClient, *, queue: str) -> None:
        self._work, self._settings, self._client, self._queue = work, settings, client, queue
        self._known: dict[str, FlowRun] = {}
        self._asking: set[str] = set()
        """Keys of those whose id is not known yet."""
        self._changed = threading.Condition()

    def ids_and_keys(self) -> set[str]:
        """Return the ids of all, and the keys of those whose id is not known yet."""
        with self._changed:
            return {*self._known, *self._asking}

    def known(self) -> dict[str, FlowRun]:
        """Return those whose ids are known, by them."""
        with self._changed:
            return {**self._known}

    def started(self, flow_run_id: str) -> FlowRun | None:
        """Return one by its id; None: it is not one, as far as that is known."""
        with self._changed:
            return self._known.get(flow_run_id)

    def started_early(self, found: Document) -> FlowRun | None:
        """Return one, as the server has it, when the answer to asking for it is there; None: it is not wanted any more."""
        with self._changed:
            self._changed.wait_for(lambda: found.get("idempotency_key") not in self._asking)
            return self._known.get(found["id"])

    def forget(self, flow_run: FlowRun) -> None:
        """Forget one that is over."""
        with self._changed:
            del self._known[flow_run.flow_run_id]

    def ask_for(self, execution: ExecutionModel, stop: Stop) -> FlowRun:
        """Ask for one that performs an execution. Raises as `PrefectClient.ask`."""
        performing = _patiently(lambda: deployments.performing(self._client, self._settings, execution))
        project_id, execution_id = execution.project_id, execution.execution_id
        on_chip = f" on {execution.chip_id}" if execution.chip_id else ""
        key = f"{project_id}/{execution_id}/{len(execution.attempts)}/{uuid.uuid4()}"
        wanted = {
            "name": f"{execution_id} {execution.name}{on_chip}",
            "parameters": performing.parameters,
            "enforce_parameter_schema": False,
            "work_queue_name": self._queue,
            "labels": {
                PROJECT_LABEL: project_id,
                EXECUTION_LABEL: execution_id,
                LABEL: self._work.owner,
            },
            "idempotency_key": key,
        }
        path = f"/deployments/{performing.deployment_id}/create_flow_run"
        with self._asking_by(key):
            flow_run = FlowRun(
                self._work.runtime,
                _patiently(lambda: self._client.post(path, wanted))["id"],
                execution,
                stop,
                owner=self._work.owner,
                hooked=performing.hooked,
            )
            with self._changed:
                self._known[flow_run.flow_run_id] = flow_run
        return flow_run

    @contextmanager
    def _asking_by(self, key: str) -> Iterator[None]:
        with self._changed:
            self._asking.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._asking.discard(key)
                self._changed.notify_all()


def _patiently(ask: Callable[[], Any]) -> Any:
    """Ask again, a little later, what a busy server would not answer. Raises as `PrefectClient.ask`."""
    for pause_s in _PAUSES_S:
        try:
            return ask()
        except PrefectAwayError:
            time.sleep(pause_s)
    return ask()
