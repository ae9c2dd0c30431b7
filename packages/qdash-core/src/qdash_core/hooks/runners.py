"""Who performs executions: what a runner is asked for, and how it is asked to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from qdash_core.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.progress import Progress
    from qdash_core.settings import Settings

How = Literal["cancel", "leave"]
"""`cancel`: the run is cancelled. `leave`: it is recorded as interrupted, and goes on elsewhere or later."""


class ProcessDiedError(FlowError):
    """The process that performed an execution ended without saying how the execution did; the text says how it ended."""


class Stop:
    """Asks a run to end, from any thread. The first word counts."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._listener: Callable[[How], None] | None = None
        self.asked: How | None = None
        """How it was asked to end; None: it was not."""

    def ask(self, how: How = "cancel") -> None:
        """Ask for the end."""
        with self._changing:
            self.asked = self.asked or how
            listener = self._listener
        if listener is not None:
            listener(self.asked)

    def listen(self, listener: Callable[[How], None]) -> None:
        """Call `listener` whenever the end is asked for, at once where it was before."""
        with self._changing:
            self._listener = listener
        if self.asked is not None:
            listener(self.asked)


class Runner(Protocol):
    """Performs executions: in a process of its own, on another machine. `QDASH_RUNNER` names the one in use."""

    @property
    def name(self) -> str:
        """Name of the runner."""

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """See to it that an execution is performed, and return when nothing runs any more for it.

        Whatever process does it is `python -m qdash_core.runs.process`, or calls
        `qdash.runs.perform(project_id, execution_id, progress)`. It is the only one for this execution, and its chip is free.

        Parameters
        ----------
        execution : ExecutionModel
            Recorded as `scheduled`, or ended and to be resumed.
        settings : Settings
            Those of the store that the execution is recorded in.
        progress : Progress
            Told of every plan and result.
        stop : Stop
            Listened to from the beginning to the end.

        Raises
        ------
        KeyboardInterrupt
            After the execution has been recorded as cancelled; says which.
        ProcessDiedError
            If the process ended without a word; says how. The record is ended by the caller.
        QDashError
            Whatever stopped it, after it has been recorded, of the class that it had there.
        """


@runtime_checkable
class StartsAhead(Protocol):
    """What a runner may be able to do besides: begin before it is known what it will perform."""

    def ahead(self, settings: Settings) -> AbstractContextManager[None]:
        """Start what the next `perform` will need, while the caller prepares that; what was not used ends with the block."""


@runtime_checkable
class CallsFlows(Protocol):
    """What a runner may be able to do besides: call the function of a flow that somebody wrote, where it is performed."""

    def call(self, function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
        """Call a function, and return what it returns; what it raises passes through.

        Parameters
        ----------
        function : callable
            As its file has it: with what decorators made of it.
        arguments : mapping
            By name.
        flow_run_id : str
            Under which it runs.
        """


@runtime_checkable
class WorksInPool(Protocol):
    """What a runner may be able to do besides: work with a service of its own. Its runs are performed by `qdash worker` alone.

    Who performs a run is decided in the queue of the store, as with any runner. A command that waits for its run submits it
    for a worker, and follows it.
    """

    def at_work(self, work: Any) -> AbstractContextManager[Callable[[], bool]]:
        """Be there for a worker, for the length of a block. It begins at once, whether or not the service answers.

        The block is left when nothing runs any more. It yields what says whether a run could begin now: nothing is claimed
        while it could not.

        Parameters
        ----------
        work : qdash_core.runs.pools.Work
            The worker.
        """


@runtime_checkable
class TellsHealth(Protocol):
    """What a runner may be able to do besides: say whether the service answers that it works with. `qdash doctor` asks it."""

    def health(self) -> str:
        """Return in a few words that all is well, and with what; QDashError says what is not."""
