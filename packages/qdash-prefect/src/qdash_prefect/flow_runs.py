"""Flow runs requested by a worker, one for each run attempt of a claimed execution."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectError, PrefectUnavailableError
from qdash_prefect.requested_flow_runs import RequestedFlowRuns
from qdash_prefect.states import FINAL, SUPERSEDED, State, is_cancelled, make_superseded
from qdash_prefect.worker_names import LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.worker_context import WorkerContext
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.flow_run import FlowRun
    from qdash_prefect.mirror import RunMirror
    from qdash_prefect.report_server import Relay
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

_RETRY_S = 1.0


class FlowRuns:
    """Requests, starts, cancels and final states of a worker's flow runs.

    Parameters
    ----------
    perform_external : callable
        Performs an external flow run until its end, given its process, its document, and an event that is set
        when a user cancels it in Prefect.
    """

    def __init__(
        self,
        work: WorkerContext,
        settings: PrefectSettings,
        client: PrefectClient,
        *,
        reporter: Reporter,
        mirror: RunMirror,
        queue: str,
        perform_external: Callable[[Relay, Document, threading.Event], None],
        changed: Callable[[], None],
    ) -> None:
        self._work, self._client = work, client
        self._reporter, self._mirror = reporter, mirror
        self._serve, self._changed = perform_external, changed
        self._cancels = PrefectCancels(client, settings.pool, work.runtime)
        self._requested = RequestedFlowRuns(work, settings, client, queue=queue)
        self._external: dict[str, threading.Event] = {}
        """External flow runs by id, each with the event that is set when it is cancelled."""

    def get_active_ids_and_keys(self) -> set[str]:
        """Return the ids of the flow runs that this worker performs or follows, and the keys of its pending requests."""
        return {*self._requested.get_known_ids_and_keys(), *self._external}

    def return_to_queue(self, error: QDashError) -> None:
        """Return flow runs to the queue that Prefect has not started yet."""
        for flow_run in self._requested.get_by_id().values():
            flow_run.refuse(error)

    @contextmanager
    def start_flow_run(self, execution: ExecutionModel, stop: Stop) -> Iterator[FlowRun]:
        """Request a flow run from Prefect for a claimed execution; it ends with the execution.

        Raises
        ------
        PrefectUnavailableError
            If the server does not answer; nothing has begun then.
        PrefectError
            If it does not start the flow run.
        KeyboardInterrupt
            If the end of the execution was requested before, also in Prefect by a cancel of its last flow run.
        """
        if execution.brought_as is not None and self._cancels.record_for(execution):
            raise KeyboardInterrupt
        flow_run = self._requested.request(execution, stop)
        error: BaseException | None = None
        try:
            self._work.runtime.external_transitions.record_flow_run_id(*flow_run.where, flow_run.flow_run_id)
            self._wait(flow_run)
            self._reporter.report(flow_run.flow_run_id, State("RUNNING"))
            yield flow_run
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._end(flow_run, error)

    def _wait(self, flow_run: FlowRun) -> None:
        try:
            flow_run.wait()
        except PrefectUnavailableError as error:
            self._work.notify(f"execution {flow_run.execution.execution_id} returned to the queue: {error}")
            raise

    def _end(self, flow_run: FlowRun, error: BaseException | None) -> None:
        self._mirror.end(flow_run)
        state = flow_run.end(error)
        by_cancel = state is not None and state.ends_by_cancel
        if by_cancel and flow_run.has_hooks and not flow_run.has_reported_cancel:
            self._reporter.report(flow_run.flow_run_id, State("CANCELLING"))
        if state is not None:
            self._reporter.report(flow_run.flow_run_id, state)
        self._requested.forget(flow_run)
        flow_run.dismiss_process(by_cancel=by_cancel)

    # -------------------------------------------------------------------------------------------- processes of flow runs

    def accept(self, relay: Relay) -> None:
        """Assign a process started by Prefect to its flow run; submit an external flow run."""
        flow_run = self._requested.find(relay.flow_run_id)
        if flow_run is None:
            try:
                found = self._fetch(relay.flow_run_id)
            except QDashError as error:
                logger.warning("cannot perform flow run %s: %s", relay.flow_run_id, error)
                relay.dismiss(1)
                return
            asked_by = (found["labels"] or {}).get(LABEL)
            if asked_by is None:
                self._follow(relay, found)
                return
            if asked_by == self._work.owner:
                flow_run = self._requested.await_response(found)
        if flow_run is None:
            reason = (
                "no worker waits for this flow run: its run is performed as another flow run or was dropped"
            )
            self._reporter.report(relay.flow_run_id, make_superseded(reason))
            relay.dismiss()
            return
        relay.on_termination = self._changed
        flow_run.accept(relay)

    def _fetch(self, flow_run_id: str) -> Document:
        """Return a flow run from the server, once it is available. Raises as `PrefectClient.request`."""
        while True:
            try:
                found: Document = self._client.get(f"/flow_runs/{flow_run_id}")
            except PrefectUnavailableError:
                if self._work.stopped.wait(_RETRY_S):
                    raise
            else:
                return found

    def _follow(self, relay: Relay, found: Document) -> None:
        cancelled = threading.Event()
        relay.on_termination = self._changed
        self._external[relay.flow_run_id] = cancelled
        try:
            self._serve(relay, found, cancelled)
        finally:
            self._external.pop(relay.flow_run_id, None)  # it may have arrived twice

    # ----------------------------------------------------------------------------------------------------- regular checks

    def check(self) -> None:
        """Check for cancels in the record and in Prefect, and for flow runs that Prefect will not start.

        Raises PrefectUnavailableError or StoreUnavailableError if the server or the store does not answer.
        """
        own, external = self._requested.get_by_id(), self._external.copy()
        for flow_run in own.values():
            self._check_one(flow_run, self._check_record)
        if not own and not external:
            return
        wanted = {"flow_runs": {"id": {"any_": [*own, *external]}}}
        rows = self._client.list_rows("/flow_runs/filter", wanted)
        found: dict[str, Document] = {row["id"]: row["state"] or {} for row in rows}
        for flow_run_id, cancelled in external.items():
            if is_cancelled(found.get(flow_run_id, {})):
                cancelled.set()
        for flow_run_id, flow_run in own.items():
            self._check_one(flow_run, partial(self._check_prefect, state=found.get(flow_run_id)))

    def _check_one(self, flow_run: FlowRun, check: Callable[[FlowRun], object]) -> None:
        """Check one flow run; its errors do not affect the others."""
        try:
            check(flow_run)
        except StoreUnavailableError:
            raise
        except QDashError as error:
            logger.warning("cannot check flow run %s, retrying: %s", flow_run.flow_run_id, error)

    def _check_record(self, flow_run: FlowRun) -> None:
        if not flow_run.has_reported_cancel and flow_run.cancel_from_record():
            self._reporter.report(flow_run.flow_run_id, State("CANCELLING"))

    def _check_prefect(self, flow_run: FlowRun, state: Document | None) -> None:
        named = f"flow run {flow_run.flow_run_id}"
        if state is None:
            flow_run.refuse(PrefectError(f"{named} was deleted"))
        elif is_cancelled(state):
            flow_run.cancel_from_prefect()
        elif state.get("name") == SUPERSEDED:
            flow_run.supersede()
        elif state.get("type") in FINAL:
            text = state.get("message") or state["name"]
            flow_run.refuse(PrefectError(f"Prefect did not start {named}: {text}"))
