"""What one process runs: one flow, from begin to end, whatever sessions it makes on the way."""

from __future__ import annotations

import os
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from qdash_core.record.config import FlowMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.errors import QDashError
    from qdash_core.models.request import RunRequest
    from qdash_core.progress import Progress

RESUME_VARIABLE = "QDASH_RESUME"
"""Environment variable with the execution that a flow, run again as a script, resumes."""


def new_flow_run_id() -> str:
    """Return a UUID that no other run of a flow has."""
    return str(uuid.uuid4())


class OpenSession(Protocol):
    """A session that has begun and has to be ended."""

    def fail(self, message: str) -> object:
        """End it as failed."""

    def cancel(self) -> object:
        """End it as cancelled."""


@dataclass(slots=True)
class FlowRunIdentity:
    """By what a run of a flow is known, and how far it is.

    Parameters
    ----------
    flow_run_id : str
        A UUID. When a flow is resumed, that of its first run takes its place.
    resumed : str or None
        The execution that it resumes.
    requests_resume : bool
        Whether the resume is a person's request that is made by running the flow. False: the request, if there was one, was
        recorded when the execution was put into the queue.
    scheduled : str or None
        The execution that was recorded for it when it was asked for: its first session is that.
    request : RunRequest or None
        What was asked for; None for a user's own script.
    sessions : int
        How many sessions have begun.
    progress : Progress or None
        Told of what sessions do that have no watcher of their own.
    abandoned : str or None
        Why the flow is being ended although nobody has cancelled it: it is recorded as failed then.
    stuck : callable
        Called with the error, in a thread of its own, when a task does not stop and its run has been ended for that. A
        process that is there for this flow alone ends with it; elsewhere the error is raised once the task returns.
    open_sessions : list of OpenSession
        The sessions that have begun and not yet ended.
    """

    flow_run_id: str = field(default_factory=new_flow_run_id)
    resumed: str | None = None
    requests_resume: bool = False
    scheduled: str | None = None
    request: RunRequest | None = None
    sessions: int = 0
    progress: Progress | None = None
    abandoned: str | None = None
    stuck: Callable[[QDashError], None] = lambda _error: None
    open_sessions: list[OpenSession] = field(default_factory=list)

    def mark(self) -> FlowMark:
        """Return what an execution that begins keeps of it."""
        return FlowMark(self.flow_run_id, self.sessions, self.request, self.scheduled)


class _Process:
    """The flow of this process: a process has one."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.current: FlowRunIdentity | None = None


_process = _Process()


def current_flow_run() -> FlowRunIdentity:
    """Return what this process runs: what a runner has entered, otherwise a flow of its own.

    `QDASH_RESUME=ID python my_flow.py` makes the flow of its own resume the execution ID.
    """
    with _process.making:
        if _process.current is None:
            resumed = os.environ.get(RESUME_VARIABLE) or None
            _process.current = FlowRunIdentity(resumed=resumed, requests_resume=resumed is not None)
        return _process.current


@contextmanager
def entered(flow_run: FlowRunIdentity) -> Iterator[None]:
    """Make `flow_run` what this process runs, for the length of a block."""
    before, _process.current = _process.current, flow_run
    try:
        yield
    finally:
        _process.current = before
