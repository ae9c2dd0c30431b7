"""Flow runs that a worker has requested, one for each run attempt of an execution that it has claimed."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectAwayError, PrefectError
from qdash_prefect.requested_flow_runs import RequestedFlowRuns
from qdash_prefect.states import FINAL, SUPERSEDED, State, is_cancelled, superseded
from qdash_prefect.worker_names import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.worker import WorkerContext
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.flow_run import FlowRun
    from qdash_prefect.mirror import Mirror
    from qdash_prefect.report_server import Relay
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

_AGAIN_S = 1.0


class FlowRuns:
    """Requests, starts, cancels and final states of a worker's flow runs.

    Parameters
    ----------
    work : WorkerContext
        Worker.
    settings : PrefectSettings
        Pool.
    client : PrefectClient
        Client of the server.
    reporter : Reporter
        Reports states to Prefect.
    mirror : Mirror
        Shows logs and tasks in Prefect's interface.
    queue : str
        Work queue of this worker.
    asked : callable
        Performs an external flow run until its end, given its process, its document, and an event that is set
        when a user cancels it in Prefect.
    changed : callable
        Called when states in Prefect may have changed.
    """

    def __init__(
        self,
        work: WorkerContext,
        settings: PrefectSettings,
        client: PrefectClient,
        *,
        reporter: Reporter,
        mirror: Mirror,
        queue: str,
        asked: Callable[[Relay, Document, threading.Event], None],
        changed: Callable[[], None],
    ) -> None:
        self._work, self._client = work, client
        self._reporter, self._mirror = reporter, mirror
        self._serve, self._changed = asked, changed
        self._cancels = PrefectCancels(client, settings.pool, work.runtime)
        self._wanted = RequestedFlowRuns(work, settings, client, queue=queue)
        self._followed: dict[str, threading.Event] = {}
        """External flow runs by id, each with the event that is set when it is cancelled."""

    def performed(self) -> set[str]:
        """Return the ids of the flow runs of this worker, and the keys of its pending requests."""
        return self._wanted.known_ids_and_keys()

    def give_back(self, error: QDashError) -> None:
        """Return flow runs that Prefect has not started yet to the queue."""
        for flow_run in self._wanted.known().values():
            flow_run.refuse(error)

    @contextmanager
    def brought(self, execution: ExecutionModel, stop: Stop) -> Iterator[FlowRun]:
        """Have Prefect start a flow run for a claimed execution; it ends with the execution.

        Raises
        ------
        PrefectAwayError
            If the server does not answer; nothing has begun then.
        PrefectError
            If it does not start the flow run.
        KeyboardInterrupt
            If the end of the execution was requested before, also in Prefect by a cancel of its last flow
            run.
        """
        if execution.brought_as is not None and self._cancels.record_for(execution):
            raise KeyboardInterrupt
        flow_run = self._wanted.request(execution, stop)
        error: BaseException | None = None
        try:
            self._work.runtime.external_transitions.note_flow_run(*flow_run.where, flow_run.flow_run_id)
            self._wait(flow_run)
            self._reporter.tell(flow_run.flow_run_id, State("RUNNING"))
            yield flow_run
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._end(flow_run, error)

    def _wait(self, flow_run: FlowRun) -> None:
        try:
            flow_run.wait()
        except PrefectAwayError as error:
            self._work.told(f"execution {flow_run.execution.execution_id} waits again: {error}")
            raise

    def _end(self, flow_run: FlowRun, error: BaseException | None) -> None:
        self._mirror.end(flow_run)
        state = flow_run.end(error)
        by_cancel = state is not None and state.ends_by_cancel
        if by_cancel and flow_run.hooked and not flow_run.tells_cancel:
            self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if state is not None:
            self._reporter.tell(flow_run.flow_run_id, state)
        self._wanted.forget(flow_run)
        flow_run.leave(by_cancel=by_cancel)

    # -------------------------------------------------------------------------------------------- processes of flow runs

    def arrived(self, relay: Relay) -> None:
        """Assign a process that Prefect has started to its flow run; submit an external flow run."""
        flow_run = self._wanted.started(relay.flow_run_id)
        if flow_run is None:
            try:
                found = self._found(relay.flow_run_id)
            except QDashError as error:
                logger.warning("flow run %s is not performed: %s", relay.flow_run_id, error)
                relay.dismiss(1)
                return
            asked_by = (found["labels"] or {}).get(LABEL)
            if asked_by is None:
                self._follow(relay, found)
                return
            if asked_by == self._work.owner:
                flow_run = self._wanted.await_response(found)
        if flow_run is None:
            why = "nobody waits for it: what it was for is performed as another flow run, or is to be started anew"
            self._reporter.tell(relay.flow_run_id, superseded(why))
            relay.dismiss()
            return
        relay.told_to_end = self._changed
        flow_run.arrived(relay)

    def _found(self, flow_run_id: str) -> Document:
        """Return a flow run from the server, waiting until it is available. Raises as `PrefectClient.ask`."""
        while True:
            try:
                found: Document = self._client.get(f"/flow_runs/{flow_run_id}")
            except PrefectAwayError:
                if self._work.stopped.wait(_AGAIN_S):
                    raise
            else:
                return found

    def _follow(self, relay: Relay, found: Document) -> None:
        cancelled = threading.Event()
        relay.told_to_end = self._changed
        self._followed[relay.flow_run_id] = cancelled
        try:
            self._serve(relay, found, cancelled)
        finally:
            self._followed.pop(relay.flow_run_id, None)  # it may have arrived twice

    # ----------------------------------------------------------------------------------------------------- regular checks

    def look(self) -> None:
        """Check for cancels in the record and in Prefect, and for flow runs that Prefect does not start.

        Raises
        ------
        PrefectAwayError, StoreUnavailableError
            If the server or the store does not answer.
        """
        here, followed = self._wanted.known(), self._followed.copy()
        for flow_run in here.values():
            self._see(flow_run, self._hear_record)
        if not here and not followed:
            return
        wanted = {"flow_runs": {"id": {"any_": [*here, *followed]}}}
        rows = self._client.every("/flow_runs/filter", wanted)
        found: dict[str, Document] = {row["id"]: row["state"] or {} for row in rows}
        for flow_run_id, cancelled in followed.items():
            if is_cancelled(found.get(flow_run_id, {})):
                cancelled.set()
        for flow_run_id, flow_run in here.items():
            self._see(flow_run, partial(self._hear_prefect, state=found.get(flow_run_id)))

    def _see(self, flow_run: FlowRun, look: Callable[[FlowRun], object]) -> None:
        """Check one flow run; its errors do not affect the others."""
        try:
            look(flow_run)
        except StoreUnavailableError:
            raise
        except QDashError as error:
            logger.warning("flow run %s is looked at again: %s", flow_run.flow_run_id, error)

    def _hear_record(self, flow_run: FlowRun) -> None:
        if not flow_run.tells_cancel and flow_run.cancelled_in_record():
            self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))

    def _hear_prefect(self, flow_run: FlowRun, state: Document | None) -> None:
        named = f"flow run {flow_run.flow_run_id}"
        if state is None:
            flow_run.refuse(PrefectError(f"{named} was deleted"))
        elif is_cancelled(state):
            flow_run.cancelled_in_prefect()
        elif state.get("name") == SUPERSEDED:
            flow_run.superseded()
        elif state.get("type") in FINAL:
            said = state.get("message") or state["name"]
            flow_run.refuse(PrefectError(f"Prefect did not start {named}: {said}"))
