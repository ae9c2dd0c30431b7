"""Protocols of runners, and the request to stop a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from qdash_core.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.settings import Settings

How = Literal["cancel", "leave"]
"""`cancel`: the run is cancelled. `leave`: it is recorded as interrupted, and resumes elsewhere or later."""


class ProcessDiedError(FlowError):
    """Error for a process that ended without recording the end of its execution; its text states how it ended."""


class Stop:
    """Thread-safe request to stop a run. The first request counts."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._listener: Callable[[How], None] | None = None
        self.asked: How | None = None
        """Requested way to stop, or None if there is no request."""

    def ask(self, how: How = "cancel") -> None:
        """Request the stop."""
        with self._changing:
            self.asked = self.asked or how
            listener = self._listener
        if listener is not None:
            listener(self.asked)

    def listen(self, listener: Callable[[How], None]) -> None:
        """Call `listener` on a request to stop, or at once if there was one."""
        with self._changing:
            self._listener = listener
        if self.asked is not None:
            listener(self.asked)


class Runner(Protocol):
    """Runner of executions, in a process of its own or on another machine. `QDASH_RUNNER` selects it."""

    @property
    def name(self) -> str:
        """Name of the runner."""

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """Perform an execution, and return when all of its processes have ended.

        The process that performs it is `python -m qdash_core.runs.process`, or calls
        `qdash.get(RUNS).perform(project_id, execution_id, progress)`. It is the only one for this execution, and
        its chip is free.

        The execution is `scheduled`, or ended and to be resumed. `progress` receives every plan and result; the
        request to stop is observed during the whole run.

        Raises
        ------
        KeyboardInterrupt
            After the execution has been recorded as cancelled. The message names it.
        ProcessDiedError
            If the process ended without a report. The message says how. The caller ends the record.
        QDashError
            The error that ended the execution, with its original class, after it has been recorded.
        """


@runtime_checkable
class StartsAhead(Protocol):
    """Runner that can start a process before its execution is known."""

    def ahead(self, settings: Settings) -> AbstractContextManager[None]:
        """Start a process for the next `perform`; an unused process ends with the block."""


@runtime_checkable
class CallsFlows(Protocol):
    """Runner that calls the function of a user's flow in the process of the run."""

    def call(self, function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
        """Call a function, with its decorators and with arguments by name, and return its result or raise its error."""


class FlowRunWatch(Protocol):
    """Watch over flow runs, for one session."""

    def end(self, *, cancelled: bool) -> None:
        """End the watch; a second call has no effect.

        If a cancellation has interrupted the session, the flow runs are cancelled, too.
        """


@runtime_checkable
class WatchesFlowRuns(Protocol):
    """Runner whose service can cancel flow runs that users' own programs start."""

    @property
    def name(self) -> str:
        """Name of the runner; also the user in the record of a cancellation by its service."""

    def list_flow_run_ids(self) -> list[str]:
        """Return the ids of the flow runs in which this program runs, the innermost first."""

    def watch(
        self, record_cancel: Callable[[], None], end_cancelled: Callable[[], object]
    ) -> FlowRunWatch | None:
        """Start to watch the flow runs of a session until they are cancelled or the session ends; return None if there are none.

        `record_cancel` records that the service has cancelled one of them, from any thread; the session ends soon
        after. `end_cancelled` ends the session as cancelled, in case the flow has ended without that.
        """


@runtime_checkable
class PoolRunner(Protocol):
    """Runner with a service of its own, whose runs are performed only by `qdash worker`.

    The queue of the store assigns runs, as with any runner. A command that waits for its run submits it to a
    worker and follows it.
    """

    def at_work(self, work: Any) -> AbstractContextManager[Callable[[], bool]]:
        """Serve a worker within a block, which starts at once whether or not the service responds.

        The block ends after the last run. It yields a function that returns whether a run could start now; no
        run is claimed otherwise.
        """


@runtime_checkable
class TellsHealth(Protocol):
    """Runner with a health check of its service for `qdash doctor`."""

    def health(self) -> str:
        """Return a short description of the healthy service; raise QDashError with the problem otherwise."""
