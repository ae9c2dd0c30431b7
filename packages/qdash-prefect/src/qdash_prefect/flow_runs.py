"""The flow runs that a worker has asked for: each brings an execution that it has claimed, and ends as that does."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import QDashError, StoreUnavailableError
from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_prefect import deployments
from qdash_prefect.client import PrefectAwayError, PrefectError
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.names import LABEL
from qdash_prefect.states import FINAL, SUPERSEDED, State, superseded

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
        self._work, self._settings, self._client = work, settings, client
        self._reporter, self._mirror, self._queue = reporter, mirror, queue
        self._serve, self._changed = asked, changed
        self._open: dict[str, FlowRun] = {}
        self._asking: set[str] = set()
        """Keys of those whose id is not known yet."""
        self._followed: dict[str, threading.Event] = {}
        """Those of somebody else, each with what is set when it is cancelled."""
        self._asked_for = threading.Condition()

    def performed(self) -> set[str]:
        """Return the ids of the flow runs that this worker performs, or waits for, and the keys of those that it is asking for."""
        with self._asked_for:
            return {*self._open, *self._asking}

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
            self._work.runtime.record.note_flow_run(*flow_run.where, flow_run.flow_run_id)
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
        with self._asking_by(wanted["idempotency_key"]):
            made = self._patiently(
                lambda: self._client.post(f"/deployments/{performing.deployment_id}/create_flow_run", wanted)
            )
            flow_run = FlowRun(
                runtime, made["id"], execution, stop, owner=self._work.owner, hooked=performing.hooked
            )
            with self._asked_for:
                self._open[flow_run.flow_run_id] = flow_run
        return flow_run

    @contextmanager
    def _asking_by(self, key: str) -> Iterator[None]:
        """Let it be known meanwhile that a flow run of a key is waited for, even if its id is not known yet."""
        with self._asked_for:
            self._asking.add(key)
        try:
            yield
        finally:
            with self._asked_for:
                self._asking.discard(key)
                self._asked_for.notify_all()

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
        by_cancel = state is not None and state.ends_by_cancel
        if by_cancel and flow_run.hooked and not flow_run.tells_cancel:
            self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if state is not None:
            self._reporter.tell(flow_run.flow_run_id, state)
        with self._asked_for:
            del self._open[flow_run.flow_run_id]
        flow_run.leave(by_cancel=by_cancel)

    # ------------------------------------------------------------------------------------------ what Prefect has started

    def arrived(self, relay: Relay) -> None:
        """Give what Prefect has started to whoever waits for it; what somebody else asks for is submitted."""
        with self._asked_for:
            flow_run = self._open.get(relay.flow_run_id)
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
                flow_run = self._awaited(found)
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

    def _awaited(self, found: Document) -> FlowRun | None:
        """Return a flow run that was started before the answer to asking for it was there."""
        with self._asked_for:
            self._asked_for.wait_for(lambda: found.get("idempotency_key") not in self._asking)
            return self._open.get(found["id"])

    def _follow(self, relay: Relay, found: Document) -> None:
        cancelled = threading.Event()
        relay.told_to_end = self._changed
        with self._asked_for:
            self._followed[relay.flow_run_id] = cancelled
        try:
            self._serve(relay, found, cancelled)
        finally:
            with self._asked_for:
                del self._followed[relay.flow_run_id]

    # ---------------------------------------------------------------------------------------------------- again and again

    def look(self) -> None:
        """See what was cancelled on either side, and what Prefect does not start.

        Raises
        ------
        PrefectAwayError, StoreUnavailableError
            If the server or the store does not answer.
        """
        with self._asked_for:
            here, followed = {**self._open}, {**self._followed}
        for flow_run in here.values():
            self._see(flow_run, self._hear_record)
        if not here and not followed:
            return
        wanted = {"flow_runs": {"id": {"any_": [*here, *followed]}}}
        rows = self._client.every("/flow_runs/filter", wanted)
        found: dict[str, Document] = {row["id"]: row["state"] or {} for row in rows}
        for flow_run_id, cancelled in followed.items():
            if _is_cancelled(found.get(flow_run_id, {})):
                cancelled.set()
        for flow_run_id, flow_run in here.items():
            self._see(flow_run, partial(_hear_prefect, state=found.get(flow_run_id)))

    def _see(self, flow_run: FlowRun, look: Callable[[FlowRun], None]) -> None:
        """Look at one flow run: what is wrong with it does not hide the others."""
        try:
            look(flow_run)
        except StoreUnavailableError:
            raise
        except QDashError as error:
            logger.warning("flow run %s is looked at again: %s", flow_run.flow_run_id, error)

    def _hear_record(self, flow_run: FlowRun) -> None:
        if not flow_run.tells_cancel and flow_run.is_being_cancelled():
            flow_run.tells_cancel = True
            self._reporter.tell(flow_run.flow_run_id, State("CANCELLING"))

    def _those_open(self) -> list[FlowRun]:
        with self._asked_for:
            return [*self._open.values()]


def _hear_prefect(flow_run: FlowRun, state: Document | None) -> None:
    if state is None:
        flow_run.refuse(PrefectError(f"flow run {flow_run.flow_run_id} was deleted"))
    elif _is_cancelled(state):
        flow_run.cancelled_in_prefect()
    elif state.get("name") == SUPERSEDED:
        flow_run.superseded()
    elif state.get("type") in FINAL:
        said = state.get("message") or state["name"]
        flow_run.refuse(PrefectError(f"Prefect did not start flow run {flow_run.flow_run_id}: {said}"))


def _is_cancelled(state: Document) -> bool:
    """Whether somebody has cancelled a flow run on Prefect's side."""
    return state.get("type") in ("CANCELLING", "CANCELLED") and state.get("name") != SUPERSEDED
