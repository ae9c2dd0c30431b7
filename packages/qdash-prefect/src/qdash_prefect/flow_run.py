"""Flow run requested by this worker, from the wait for its start to its end."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, QDashError
from qdash_core.flows.prefect import PREFECT_USER
from qdash_core.hooks.runners import ProcessDiedError
from qdash_core.models.execution import ExecutionStatus
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.states import GOES_ON, State, state_of, superseded

if TYPE_CHECKING:
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.report_server import Relay

_TAKEN_WITHIN_S = 60.0
"""Time limit for Prefect to start a flow run, longer than the reconciler takes to offer it again."""


class FlowRun:
    """Flow run that this worker has requested.

    Parameters
    ----------
    runtime : Runtime
        Open runtime.
    flow_run_id : str
        Prefect's id.
    execution : ExecutionModel
        Execution that it performs, in its earlier state.
    stop : Stop
        Requests the end of the execution.
    owner : str
        Owner of this worker's process registration.
    hooked : bool
        Whether Prefect calls hooks of the flow when it is cancelled.
    """

    def __init__(
        self,
        runtime: Runtime,
        flow_run_id: str,
        execution: ExecutionModel,
        stop: Stop,
        *,
        owner: str,
        hooked: bool = False,
    ) -> None:
        self._runtime, self._owner = runtime, owner
        self.hooked = hooked
        self.flow_run_id, self.execution = flow_run_id, execution
        self.where = execution.project_id, execution.execution_id
        self._stop = stop
        self._changed = threading.Event()
        self._refusal: QDashError | None = None
        self._deciding = threading.Lock()
        self._decided = False
        """True once the end is decided: the state in Prefect is then the one reported to it."""
        self._over = False
        self.begun = False
        """True once Prefect has started it."""
        self._relay: Relay | None = None
        """Process that Prefect has started for it, or None before that."""
        self.tells_cancel = False
        """True once a cancel has been reported to Prefect."""

    def arrived(self, relay: Relay) -> None:
        """Accept the process that Prefect has started; dismiss a second one, or one that is too late."""
        with self._deciding:
            taken = not self._over and self._relay is None
            if taken:
                self._relay = relay
        if taken:
            self._changed.set()
        else:
            relay.dismiss()

    def leave(self, *, by_cancel: bool) -> None:
        """Dismiss the process; after a cancel, only once Prefect has received it, if the flow has hooks."""
        with self._deciding:
            self._over = True
            relay = self._relay
        if relay is None:
            return
        if by_cancel and self.hooked:
            relay.dismiss_when_told()
        else:
            relay.dismiss()

    def refuse(self, error: QDashError) -> None:
        """Report that Prefect does not start it. Without effect once it has started."""
        self._refusal = error
        self._changed.set()

    def wait(self) -> None:
        """Wait until Prefect has started it.

        Raises
        ------
        KeyboardInterrupt
            If the end of the execution was requested before.
        PrefectAwayError
            If Prefect has not started it within the time limit.
        QDashError
            The error passed to `refuse`.
        """
        self._stop.listen(lambda _how: self._changed.set())
        if not self._changed.wait(_TAKEN_WITHIN_S):
            self.refuse(
                PrefectAwayError(
                    f"Prefect has not started flow run {self.flow_run_id} within {_TAKEN_WITHIN_S:.0f} s, as when its pool is"
                    " paused or has a concurrency limit"
                )
            )
        if self._stop.asked is not None:
            if self._stop.asked == "cancel":
                self._runtime.external_transitions.cancel_scheduled(*self.where, "cancelled")
            raise KeyboardInterrupt
        if self._relay is None and self._refusal is not None:
            raise self._refusal
        self.begun = True

    def superseded(self) -> None:
        """Return the execution to the queue unless it has begun: the flow run was superseded."""
        self.refuse(PrefectAwayError(f"flow run {self.flow_run_id} was taken for one that nobody waits for"))

    def cancelled_in_prefect(self) -> None:
        """End the execution after a cancel in Prefect, which is recorded first, and only once.

        An execution that another worker has claimed meanwhile is left alone.
        """
        with self._deciding:
            if self._decided:
                return
            entry = self._runtime.repositories.queue.find(*self.where)
            if entry is not None and entry.performer not in ("", self._owner):
                self.superseded()
                return
            record = self._runtime.record
            last = record.last_of_flow(record.find(*self.where))
            with suppress(IllegalTransitionError):  # it has ended
                self._runtime.external_transitions.request_cancel(
                    last.project_id, last.execution_id, PREFECT_USER
                )
            self._decided = self.tells_cancel = True
        self._stop.ask("cancel")

    def cancelled_in_record(self) -> bool:
        """End the execution if its cancel is recorded, whatever Prefect's state; return whether it is.

        Raises
        ------
        NotFoundError
            If it is not recorded any more.
        """
        found = self._runtime.record.find(*self.where)
        if found.cancel_request is None or found.status is not ExecutionStatus.RUNNING:
            return False
        self.tells_cancel = True
        self._stop.ask("cancel")
        return True

    def end(self, error: BaseException | None) -> State | None:
        """Return the final state, or None if the record cannot be read.

        Parameters
        ----------
        error : BaseException or None
            Error that performing the execution has raised.
        """
        with self._deciding:
            self._decided = True
        if isinstance(error, ProcessDiedError):
            if self._stop.asked == "cancel":
                return State("CANCELLED", "cancelled")
            return State("CRASHED", f"{error}; {GOES_ON}")
        if not self.begun:
            return self._not_begun(error)
        with suppress(QDashError):
            found = self._runtime.record.find(*self.where)
            if self.execution.status.terminal and len(found.attempts) == len(self.execution.attempts):
                return self._not_begun(error)
            state = state_of(self._runtime.record.last_of_flow(found))
            return None if state.kind == "RUNNING" else state  # its end is not recorded yet
        return None

    def _not_begun(self, error: BaseException | None) -> State:
        if self._stop.asked == "cancel":
            return State("CANCELLED", "cancelled")
        return superseded(f"nothing was begun: {error or 'it was let go'}; {GOES_ON}")
