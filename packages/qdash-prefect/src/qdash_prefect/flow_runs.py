"""The flow runs that a worker has asked for: each brings an execution that it has claimed, and ends as that does."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectAwayError, PrefectError
from qdash_prefect.names import LABEL
from qdash_prefect.states import FINAL, SUPERSEDED, State, is_cancelled, superseded
from qdash_prefect.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.flow_run import FlowRun
    from qdash_prefect.mirror import Mirror
    from qdash_prefect.post import Relay
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

_AGAIN_S = 1.0


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
        Told of what Prefect has started for somebody else, with what it says of that and what is set when it is cancelled there;
        returns when that has ended.
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
        asked: Callable[[Relay, Document, threading.Event], None],
        changed: Callable[[], None],
    ) -> None:
        self._work, self._client = work, client
        self._reporter, self._mirror = reporter, mirror
        self._serve, self._changed = asked, changed
        self._cancels = PrefectCancels(client, settings.pool, work.runtime)
        self._wanted = Wanted(work, settings, client, queue=queue)
        self._followed: dict[str, threading.Event] = {}
        """Those of somebody else, each with what is set when it is cancelled."""

    def performed(self) -> set[str]:
        """Return the ids of the flow runs that this worker performs, or waits for, and the keys of those that it is asking for."""
        return self._wanted.ids_and_keys()

    def give_back(self, error: QDashError) -> None:
        """Let what Prefect has not started yet wait for another time."""
        for flow_run in self._wanted.known().values():
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
            If the execution was asked to end before, also at Prefect, as the flow run that brought it last.
        """
        if execution.brought_as is not None and self._cancels.record_for(execution):
            raise KeyboardInterrupt
        flow_run = self._wanted.ask_for(execution, stop)
        error: BaseException | None = None
        try:
            self._work.runtime.record.note_flow_run(*flow_run.where, flow_run.flow_run_id)
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

    # ------------------------------------------------------------------------------------------ what Prefect has started

    def arrived(self, relay: Relay) -> None:
        """Give what Prefect has started to whoever waits for it; what somebody else asks for is submitted."""
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
                flow_run = self._wanted.started_early(found)
        if flow_run is None:
            why = "nobody waits for it: what it was for is performed as another flow run, or is to be started anew"
            self._reporter.tell(relay.flow_run_id, superseded(why))
            relay.dismiss()
            return
        relay.told_to_end = self._changed
        flow_run.arrived(relay)

    def _found(self, flow_run_id: str) -> Document:
        """Return what the server has of a flow run, however long it takes to answer. Raises as `PrefectClient.ask`."""
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
            self._followed.pop(relay.flow_run_id, None)  # it may have been brought here twice

    # ---------------------------------------------------------------------------------------------------- again and again

    def look(self) -> None:
        """See what was cancelled on either side, and what Prefect does not start.

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
        """Look at one flow run: what is wrong with it does not hide the others."""
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
