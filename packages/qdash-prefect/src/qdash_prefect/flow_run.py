"""One flow run by which Prefect brings an execution to this worker: waited for, and what ends it."""

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
    from qdash_prefect.post import Relay

_TAKEN_WITHIN_S = 60.0
"""So long Prefect may take to start it: longer than the reconciler takes to offer again what was taken and not started."""


class FlowRun:
    """A flow run that this worker has asked for.

    Parameters
    ----------
    runtime : Runtime
        Open.
    flow_run_id : str
        Prefect's id of it.
    execution : ExecutionModel
        What it performs, as it was before.
    stop : Stop
        Asks the execution to end.
    owner : str
        The presence of this worker.
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
        """Whether it is known how it ends: then what Prefect shows is what it was told."""
        self._over = False
        self.begun = False
        """Whether Prefect has started it."""
        self._relay: Relay | None = None
        """What Prefect has started for it; None: it has not yet."""
        self.tells_cancel = False
        """Whether Prefect has been told that somebody cancels it."""

    def arrived(self, relay: Relay) -> None:
        """Take what Prefect has started for it; what comes when it is over, or a second time, ends at once."""
        with self._deciding:
            taken = not self._over and self._relay is None
            if taken:
                self._relay = relay
        if taken:
            self._changed.set()
        else:
            relay.dismiss()

    def leave(self, *, by_cancel: bool) -> None:
        """Let what Prefect has started for it end: by a cancel when Prefect has heard of that, if it calls hooks then."""
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
        """Say that Prefect does not start it; nothing happens when it has."""
        self._refusal = error
        self._changed.set()

    def wait(self) -> None:
        """Return when Prefect has started it.

        Raises
        ------
        KeyboardInterrupt
            If the execution was asked to end before.
        PrefectAwayError
            If Prefect has not started it for a long time.
        QDashError
            What it was refused by.
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
                self._runtime.record.cancel_scheduled(*self.where, "cancelled")
            raise KeyboardInterrupt
        if self._relay is None and self._refusal is not None:
            raise self._refusal
        self.begun = True

    def superseded(self) -> None:
        """Give the execution back unless it has begun: the flow run was taken for one that nobody waits for."""
        self.refuse(PrefectAwayError(f"flow run {self.flow_run_id} was taken for one that nobody waits for"))

    def cancelled_in_prefect(self) -> None:
        """End the execution, which somebody has cancelled on Prefect's side: first in the record, once.

        That of another worker, which has claimed it meanwhile, is left alone.
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
                record.request_cancel(last.project_id, last.execution_id, PREFECT_USER)
            self._decided = self.tells_cancel = True
        self._stop.ask("cancel")

    def cancelled_in_record(self) -> bool:
        """End the execution if the record says that it is to end, whatever Prefect knows; returns whether that is so.

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
        """Return in what state it ends; None where the record cannot be read.

        Parameters
        ----------
        error : BaseException or None
            What performing the execution has raised.
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
            return None if state.kind == "RUNNING" else state  # the record does not know its end yet
        return None

    def _not_begun(self, error: BaseException | None) -> State:
        if self._stop.asked == "cancel":
            return State("CANCELLED", "cancelled")
        return superseded(f"nothing was begun: {error or 'it was let go'}; {GOES_ON}")
