"""The work pool, as one worker of QDash's is in it: flow runs asked for and waited for, cancels seen, Prefect's worker kept alive."""

from __future__ import annotations

import logging
import threading
import uuid
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_prefect import deployments, schedules
from qdash_prefect.asked import AskedRuns
from qdash_prefect.child import Child
from qdash_prefect.client import PrefectAwayError, PrefectClient, PrefectError
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.mirror import Mirror
from qdash_prefect.post import Post
from qdash_prefect.states import FINAL, Reporter, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document
    from qdash_prefect.post import Relay
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

LABEL = "qdash.worker"
"""What each flow run is labelled with that a worker of QDash's has asked for: its presence."""
_LOOK_S = 1.0
_REGISTER_EVERY = 10
"""Looks between two looks at what is deployed."""
_AWAY_LOOKS = 10
"""So many looks in a row without an answer, and what waits for Prefect is given back."""
_LATE_S = 10.0
"""So long what Prefect has started may wait for the answer that it was asked for."""


class Pool:
    """What a worker has of Prefect. A context manager: nothing runs any more when the block is left.

    Parameters
    ----------
    work : Work
        The worker.
    settings : PrefectSettings
        Which server and pool.
    client : PrefectClient
        Of that server.
    """

    def __init__(self, work: Work, settings: PrefectSettings, client: PrefectClient) -> None:
        self._work, self._settings, self._client = work, settings, client
        self.name = f"worker-{work.owner[:8]}"
        self._child = Child(settings, self.name, told=work.told)
        self._post = Post(arrived=self.arrived, polled=self._child.polled)
        self.reporter = Reporter(client)
        self.mirror = Mirror(client, work.runtime, tasks=settings.task_runner)
        self._asked = AskedRuns(work, client, self.reporter)
        self._open: dict[str, FlowRun] = {}
        self._asked_for = threading.Condition()
        self._over, self._see = threading.Event(), threading.Event()
        self._looking = threading.Thread(target=self._look_again_and_again, name="qdash-pool", daemon=True)
        self._misses = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._post)
        self._stack.callback(self._leave)
        self._stack.callback(self._child.end)
        self._looking.start()
        self._stack.callback(self._stop_looking)
        self._stack.enter_context(self.reporter)
        self._stack.enter_context(self.mirror)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def can_begin(self) -> bool:
        """Whether Prefect would start a run here now."""
        return self._misses == 0 and self._child.asks

    def performed(self) -> set[str]:
        """Return the ids of the flow runs that this worker performs, or waits for."""
        return {one.flow_run_id for one in self._those_open()}

    # ----------------------------------------------------------------------------------------------------- one flow run

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
            self.reporter.tell(flow_run.flow_run_id, State("RUNNING"))
            yield flow_run
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._end(flow_run, error)

    def _ask_for(self, execution: ExecutionModel, stop: Stop) -> FlowRun:
        runtime = self._work.runtime
        performing = deployments.performing(self._client, self._settings, execution)
        project_id, execution_id = execution.project_id, execution.execution_id
        on_chip = f" on {execution.chip_id}" if execution.chip_id else ""
        wanted = {
            "name": f"{execution_id} {execution.name}{on_chip}",
            "parameters": performing.parameters,
            "enforce_parameter_schema": False,
            "work_queue_name": self.name,
            "labels": {
                PROJECT_LABEL: project_id,
                EXECUTION_LABEL: execution_id,
                LABEL: self._work.owner,
            },
            "idempotency_key": f"{project_id}/{execution_id}/{len(execution.attempts)}/{uuid.uuid4()}",
        }
        made = self._client.post(f"/deployments/{performing.deployment_id}/create_flow_run", wanted)
        flow_run = FlowRun(runtime, made["id"], execution, stop, hooked=performing.hooked)
        with self._asked_for:
            self._open[flow_run.flow_run_id] = flow_run
            self._asked_for.notify_all()
        return flow_run

    def _end(self, flow_run: FlowRun, error: BaseException | None) -> None:
        self.mirror.end(flow_run)
        state = flow_run.end(error)
        if state is not None and state.kind == "CANCELLED" and flow_run.hooked and not flow_run.tells_cancel:
            self.reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if state is not None:
            self.reporter.tell(flow_run.flow_run_id, state)
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
                self._asked.serve(relay, found)
                return
            if asked_by == self._work.owner:
                flow_run = self._awaited(relay.flow_run_id)
        if flow_run is None:
            why = "nobody waits for it any more: its execution is performed as another flow run"
            self.reporter.tell(relay.flow_run_id, State("CANCELLED", why))
            relay.dismiss()
            return
        relay.told_to_end = self._see_at_once
        flow_run.arrived(relay)

    def _awaited(self, flow_run_id: str) -> FlowRun | None:
        """Return a flow run that was started before the answer to asking for it was there."""
        with self._asked_for:
            self._asked_for.wait_for(lambda: flow_run_id in self._open, _LATE_S)
            return self._open.get(flow_run_id)

    # ---------------------------------------------------------------------------------------------------- again and again

    def _look_again_and_again(self) -> None:
        looks = 0
        while not self._over.is_set():
            try:
                self._look(looks)
            except QDashError as error:  # the store is away, or Prefect refuses: it is tried again
                logger.warning("what Prefect does cannot be looked at, which is tried again: %s", error)
            except Exception:  # cancels must be seen whatever else goes wrong
                logger.exception("what Prefect does cannot be looked at, which is tried again")
            looks += 1
            self._see.wait(_LOOK_S)
            self._see.clear()

    def _see_at_once(self) -> None:
        """Look at what happens without waiting for the next time."""
        self._see.set()

    def _look(self, looks: int) -> None:
        try:
            if looks % _REGISTER_EVERY == 0 or self._misses:
                there = deployments.register(self._client, self._settings, self._work.runtime)
                schedules.agree(self._client, there, self._work.runtime)
                self._has_own_queue()
            self._look_at_flow_runs()
        except PrefectAwayError as error:
            self._is_away(error)
            return
        if self._misses:
            self._work.told(f"Prefect answers at {self._client.url}")
            if self._misses >= _AWAY_LOOKS:
                self._child.end()  # it would not hear of cancels any more: another one is started
            self._misses = 0
        self._child.keep_alive(self._post.told)

    def _is_away(self, error: PrefectAwayError) -> None:
        self._misses += 1
        if self._misses == 1:
            self._work.told(f"Prefect does not answer at {self._client.url}: runs wait until it does")
            logger.info("%s", error)
        if self._misses >= _AWAY_LOOKS:
            for flow_run in self._those_open():
                flow_run.refuse(error)

    def _has_own_queue(self) -> None:
        try:
            self._client.get(f"/work_pools/{self._settings.pool}/queues/{self.name}")
        except NotFoundError:
            self._client.post(f"/work_pools/{self._settings.pool}/queues", {"name": self.name})

    def _look_at_flow_runs(self) -> None:
        """See what was cancelled on either side, and what Prefect does not start."""
        here = {one.flow_run_id: one for one in self._those_open()}
        for flow_run in here.values():
            if not flow_run.tells_cancel and flow_run.is_being_cancelled():
                flow_run.tells_cancel = True
                self.reporter.tell(flow_run.flow_run_id, State("CANCELLING"))
        if not here:
            self._client.get("/health")
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

    # ------------------------------------------------------------------------------------------------------------ the end

    def _stop_looking(self) -> None:
        self._over.set()
        self._see.set()
        self._looking.join()

    def _leave(self) -> None:
        """Take what is this worker's alone out of the pool."""
        pool = f"/work_pools/{self._settings.pool}"
        for path in (f"{pool}/workers/{self.name}", f"{pool}/queues/{self.name}"):
            with suppress(QDashError):
                self._client.delete(path)
