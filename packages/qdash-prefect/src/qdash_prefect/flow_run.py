"""Flow run requested by this worker, from the request to its end."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, QDashError
from qdash_core.flows.cancellation import PREFECT_USER
from qdash_core.hooks.runners import ProcessDiedError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.queue import QueueRepository
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.states import RESUME_REMARK, State, make_superseded, map_to_state

if TYPE_CHECKING:
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.report_server import Relay

_START_TIMEOUT_S = 60.0
"""Time limit for Prefect to start a flow run, longer than the reconciler takes to offer it again."""


class FlowRun:
    """Flow run that this worker has requested.

    `stop` requests the end of the execution, given in its earlier state; `owner` is that of this worker's process
    registration. With `has_hooks` Prefect calls hooks of the flow when it is cancelled.
    """

    def __init__(
        self,
        runtime: Runtime,
        flow_run_id: str,
        execution: ExecutionModel,
        stop: Stop,
        *,
        owner: str,
        has_hooks: bool = False,
    ) -> None:
        self._runtime, self._owner = runtime, owner
        self.has_hooks = has_hooks
        self.flow_run_id, self.execution = flow_run_id, execution
        self.where = execution.project_id, execution.execution_id
        self._stop = stop
        self._changed = threading.Event()
        self._refusal: QDashError | None = None
        self._lock = threading.Lock()
        self._is_decided = False
        """True once the end is decided: the state in Prefect is then the one reported to it."""
        self._is_closed = False
        self.has_begun = False
        """True once Prefect has started it."""
        self._relay: Relay | None = None
        """Process that Prefect has started for it, or None before that."""
        self.has_reported_cancel = False
        """True once a cancel has been reported to Prefect."""

    def accept(self, relay: Relay) -> None:
        """Accept the process that Prefect has started, or dismiss a second or late one."""
        with self._lock:
            taken = not self._is_closed and self._relay is None
            if taken:
                self._relay = relay
        if taken:
            self._changed.set()
        else:
            relay.dismiss()

    def dismiss_process(self, *, by_cancel: bool) -> None:
        """Dismiss the process; with hooks, after a cancel, only once Prefect has received that."""
        with self._lock:
            self._is_closed = True
            relay = self._relay
        if relay is None:
            return
        if by_cancel and self.has_hooks:
            relay.dismiss_after_termination()
        else:
            relay.dismiss()

    def refuse(self, error: QDashError) -> None:
        """Record that Prefect will not start the flow run. Has no effect once it has started."""
        self._refusal = error
        self._changed.set()

    def wait(self) -> None:
        """Wait until Prefect has started the flow run.

        Raises
        ------
        KeyboardInterrupt
            If the end of the execution was requested before.
        PrefectUnavailableError
            If Prefect has not started it within the time limit.
        QDashError
            The error passed to `refuse`.
        """
        self._stop.listen(lambda _how: self._changed.set())
        if not self._changed.wait(_START_TIMEOUT_S):
            self.refuse(
                PrefectUnavailableError(
                    f"Prefect did not start flow run {self.flow_run_id} within {_START_TIMEOUT_S:.0f} s: check that its pool is"
                    " not paused and has no concurrency limit"
                )
            )
        if self._stop.asked is not None:
            if self._stop.asked == "cancel":
                self._runtime.external_transitions.cancel_scheduled(*self.where, "cancelled")
            raise KeyboardInterrupt
        if self._relay is None and self._refusal is not None:
            raise self._refusal
        self.has_begun = True

    def supersede(self) -> None:
        """Return the execution to the queue, unless it has begun: the flow run was superseded."""
        self.refuse(PrefectUnavailableError(f"flow run {self.flow_run_id} was superseded"))

    def cancel_from_prefect(self) -> None:
        """Record a cancel made in Prefect, and end the execution. Has no effect the second time.

        An execution that another worker has claimed meanwhile is left alone.
        """
        with self._lock:
            if self._is_decided:
                return
            entry = self._runtime.repositories.of(QueueRepository).find(*self.where)
            if entry is not None and entry.performer not in ("", self._owner):
                self.supersede()
                return
            record = self._runtime.record
            last = record.get_last_of_flow(record.find(*self.where))
            with suppress(IllegalTransitionError):  # it has ended
                self._runtime.external_transitions.request_cancel(
                    last.project_id, last.execution_id, PREFECT_USER
                )
            self._is_decided = self.has_reported_cancel = True
        self._stop.ask("cancel")

    def cancel_from_record(self) -> bool:
        """End the execution if its cancel is recorded, whatever Prefect's state; return whether it is.

        Raises NotFoundError if it is not recorded any more.
        """
        found = self._runtime.record.find(*self.where)
        if found.cancel_request is None or found.status is not ExecutionStatus.RUNNING:
            return False
        self.has_reported_cancel = True
        self._stop.ask("cancel")
        return True

    def end(self, error: BaseException | None) -> State | None:
        """Return the final state after an error or success, or None if the record cannot be read."""
        with self._lock:
            self._is_decided = True
        if isinstance(error, ProcessDiedError):
            if self._stop.asked == "cancel":
                return State("CANCELLED", "cancelled")
            return State("CRASHED", f"{error}; {RESUME_REMARK}")
        if not self.has_begun:
            return self._make_unstarted_state(error)
        with suppress(QDashError):
            found = self._runtime.record.find(*self.where)
            if self.execution.status.terminal and len(found.attempts) == len(self.execution.attempts):
                return self._make_unstarted_state(error)
            state = map_to_state(self._runtime.record.get_last_of_flow(found))
            return None if state.kind == "RUNNING" else state  # its end is not recorded yet
        return None

    def _make_unstarted_state(self, error: BaseException | None) -> State:
        if self._stop.asked == "cancel":
            return State("CANCELLED", "cancelled")
        return make_superseded(f"nothing was started: {error or 'the run was released'}; {RESUME_REMARK}")
