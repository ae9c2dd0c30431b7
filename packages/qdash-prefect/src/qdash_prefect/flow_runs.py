"""The flow runs that a worker has asked for: each brings an execution that it has claimed, and ends as that does."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.errors import QDashError
from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_prefect import deployments
from qdash_prefect.client import PrefectAwayError, PrefectError
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.names import LABEL
from qdash_prefect.states import FINAL, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.mirror import Mirror
    from qdash_prefect.post import Relay
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

_PAUSES_S = (0.1, 0.4)
_LATE_S = 10.0
"""So long what Prefect has started may wait for the answer that it was asked for."""


class FlowRuns:
    """Asks for flow runs, waits for them, sees who cancels them, and tells how they have ended.

    Parameters
    ----------
    work : Work
        The worker.
    settings : PrefectSettings
        Which pool.
    client : PrefectClient
        Of the server.
    reporter : Reporter
        Tells Prefect their states.
    mirror : Mirror
        Shows what they do.
    queue : str
        The work queue of this worker alone.
    asked : callable
        Told of what Prefect has started for somebody else, with what it says of that.
    changed : callable
        Called when what Prefect says of them may have changed.
    """

    def __init__(
        self,
        work: Work,
        settings: PrefectSettings,
        client: PrefectClient,
        *,
        reporter: Reporter,
        mirror: Mirror,
        queue: str,
        asked: Callable[[Relay, Document], None],
        changed: Callable[[], None],
    ) -> None:
        self._work, self._settings, self._client = work, settings, client
        self._reporter, self._mirror, self._queue = reporter, mirror, queue
        self._serve, self._changed = asked, changed
        self._open: dict[str, FlowRun] = {}
        self._asked_for = threading.Condition()

    def performed(self) -> set[str]:
        """Return the ids of the flow runs that this worker performs, or waits for."""
        return {one.flow_run_id for one in self._those_open()}

    def give_back(self, error: QDashError) -> None:
        """Let what Prefect has not started yet wait for another time."""
        for flow_run in self._those_open():
            flow_run.refuse(error)

    @contextmanager
    def brought(self, execution: ExecutionModel, stop: Stop) -> Iterator[FlowRun]:
        """Have Prefect start a flow run for an execution that this worker has claimed; it ends as the execution does.

        Raises
        ------
        PrefectAwayError
            If the server does not answer. Nothing has begun then.
        PrefectError
            If it does not start the flow run.
        KeyboardInterrupt
            If the execution was asked to end before.
        """
        flow_run = self._ask_for(execution, stop)
        error: BaseException | None = None
        try:
            self._work.runtime.record.bear_flow_run(*flow_run.where, flow_run.flow_run_id)
            flow_run.wait()
            self._reporter.tell(flow_run.flow_run_id, State("RUNNING"))
            yield flow_run
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._end(flow_run, error)

    def _ask_for(self, execution: ExecutionModel, stop: Stop) -> FlowRun:
        runtime = self._work.runtime
        performing = self._patiently(lambda: deployments.performing(self._client, self._settings, execution))
        project_id, execution_id = execution.project_id, execution.execution_id
        on_chip = f" on {execution.chip_id}" if execution.chip_id else ""
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
            "idempotency_key": f"{project_id}/{execution_id}/{len(execution.attempts)}/{uuid.uuid4()}",
        }
        made = self._patiently(
            lambda: self._client.post(f"/deployments/{performing.deployment_id}/create_flow_run", wanted)
        )
        flow_run = FlowRun(runtime, made["id"], execution, stop, hooked=performing.hooked)
        with self._asked_for:
            self._open[flow_run.flow_run_id] = flow_run
            self._asked_for.notify_all()
        return flow_run

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Ask again, a little later, what a busy server would not answer. Raises as `PrefectClient.ask`."""
        for pause_s in _PAUSES_S:
            try:
                return ask()
            except PrefectAwayError:
                time.sleep(pause_s)
        return ask()

    def _end(self, flow_run: FlowRun, error: BaseException | None) -> None:
        self._mirror.end(flow_run)
        state = flow_run.end(error)
        if state is not None and state.kind == "CANCELLED" and flow_run.hooked and not flow_run.tells_cancel:
            self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if state is not None:
            self._reporter.tell(flow_run.flow_run_id, state)
        with self._asked_for:
            del self._open[flow_run.flow_run_id]
        if flow_run.relay is not None and flow_run.hooked and state is not None and state.kind == "CANCELLED":
            flow_run.relay.dismiss_when_told()
        elif flow_run.relay is not None:
            flow_run.relay.dismiss()

    def arrived(self, relay: Relay) -> None:
        """Give what Prefect has started to whoever waits for it; what somebody else asks for is submitted."""
        with self._asked_for:
            flow_run = self._open.get(relay.flow_run_id)
        if flow_run is None:
            try:
                found = self._client.get(f"/flow_runs/{relay.flow_run_id}")
            except QDashError as error:
                logger.warning("flow run %s is not performed: %s", relay.flow_run_id, error)
                relay.dismiss(1)
                return
            asked_by = (found["labels"] or {}).get(LABEL)
            if asked_by is None:
                self._serve(relay, found)
                return
            if asked_by == self._work.owner:
                flow_run = self._awaited(relay.flow_run_id)
        if flow_run is None:
            why = "nobody waits for it any more: its execution is performed as another flow run"
            self._reporter.tell(relay.flow_run_id, State("CANCELLED", why))
            relay.dismiss()
            return
        relay.told_to_end = self._changed
        flow_run.arrived(relay)

    def _awaited(self, flow_run_id: str) -> FlowRun | None:
        """Return a flow run that was started before the answer to asking for it was there."""
        with self._asked_for:
            self._asked_for.wait_for(lambda: flow_run_id in self._open, _LATE_S)
            return self._open.get(flow_run_id)

    def look(self) -> None:
        """See what was cancelled on either side, and what Prefect does not start.

        Raises as `PrefectClient.ask`.
        """
        here = {one.flow_run_id: one for one in self._those_open()}
        for flow_run in here.values():
            if not flow_run.tells_cancel and flow_run.is_being_cancelled():
                flow_run.tells_cancel = True
                self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if not here:
            return
        rows = self._client.every("/flow_runs/filter", {"flow_runs": {"id": {"any_": [*here]}}})
        found: dict[str, Document] = {row["id"]: row["state"] or {} for row in rows}
        for flow_run_id, flow_run in here.items():
            state = found.get(flow_run_id)
            if state is None:
                flow_run.refuse(PrefectError(f"flow run {flow_run_id} was deleted"))
            elif state.get("type") in ("CANCELLING", "CANCELLED"):
                flow_run.cancelled_in_prefect()
            elif state.get("type") in FINAL:
                said = state.get("message") or state["name"]
                flow_run.refuse(PrefectError(f"Prefect did not start flow run {flow_run_id}: {said}"))

    def _those_open(self) -> list[FlowRun]:
        with self._asked_for:
            return [*self._open.values()]
