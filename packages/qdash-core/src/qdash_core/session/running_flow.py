"""The flow that this process runs, with its sessions."""

from __future__ import annotations

import os
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import FlowError
from qdash_core.models.strategies import StrategySelection
from qdash_core.record.config import FlowMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_core.errors import QDashError
    from qdash_core.models.progress import Progress
    from qdash_core.models.request import RunRequest
    from qdash_core.record.config import CalibConfig

RESUME_VARIABLE = "QDASH_RESUME"
"""Environment variable with the execution that a flow, run again as a script, resumes."""


class UnforeseenError(FlowError):
    """A preview has reached a point from which it needs results."""


def make_flow_run_id() -> str:
    """Return a new UUID for a run of a flow."""
    return str(uuid.uuid4())


class OpenSession(Protocol):
    """Started session that must be ended."""

    def fail(self, message: str) -> object:
        """End it as failed."""

    def cancel(self) -> object:
        """End it as cancelled."""


@dataclass(slots=True)
class RunningFlow:
    """Flow that a process runs: its identity and its sessions so far.

    Parameters
    ----------
    flow_run_id : str
        UUID of the run of the flow. A resumed flow takes that of its first run.
    called_in : tuple of str
        Ids of the flow runs of another service in which a user's own program runs it now, the innermost first.
    requests_resume : bool
        True if running the flow is a person's request to resume. False if the request, if any, was recorded when the
        execution entered the queue.
    scheduled : str or None
        The scheduled execution that its first session starts, or None.
    abandoned : str or None
        Reason to end the flow as failed although nobody has cancelled it, or None.
    stuck : callable
        Called with the error, in another thread, after a run was ended because a task did not stop. A process that runs
        only this flow exits then; otherwise the error is raised when the task returns.
    preview : callable or None
        Called with the calibration, the targets and the steps of each run in place of it, if the flow is called for a preview; otherwise None.
    """

    flow_run_id: str = field(default_factory=make_flow_run_id)
    called_in: tuple[str, ...] = ()
    resumed: str | None = None
    requests_resume: bool = False
    scheduled: str | None = None
    request: RunRequest | None = None
    sessions: int = 0
    progress: Progress | None = None
    abandoned: str | None = None
    stuck: Callable[[QDashError], None] = lambda _error: None
    preview: Callable[..., None] | None = None
    open_sessions: list[OpenSession] = field(default_factory=list)

    @property
    def previewing(self) -> bool:
        """True if the flow is called for a preview: nothing is measured or written."""
        return self.preview is not None

    def adopt(self, flow_run_ids: Sequence[str]) -> None:
        """Adopt the flow runs of another service in which a user's own program runs now, the innermost first.

        A program that calls several flows one after the other starts another flow with each: only the first can resume
        an execution.
        """
        before, self.called_in = self.called_in, tuple(flow_run_ids)
        if before[-1:] == self.called_in[-1:]:
            return
        if self.sessions:
            self.resumed, self.sessions = None, 0
        self.flow_run_id = self.called_in[-1] if self.called_in else make_flow_run_id()

    def mark(self) -> FlowMark:
        """Return the fields that a new execution stores about its flow."""
        called_in = self.called_in[0] if self.called_in else None
        return FlowMark(self.flow_run_id, self.sessions, self.request, self.scheduled, called_in)


class _Process:
    """Holder of the single flow of this process."""

    def __init__(self) -> None:
        self.creation = threading.Lock()
        self.current: RunningFlow | None = None


_process = _Process()


def get_current_flow() -> RunningFlow:
    """Return the flow that this process runs: the one set by `set_current_flow`, otherwise a user's own script.

    `QDASH_RESUME=ID python my_flow.py` makes the script resume the execution ID.
    """
    with _process.creation:
        if _process.current is None:
            resumed = os.environ.get(RESUME_VARIABLE) or None
            _process.current = RunningFlow(resumed=resumed, requests_resume=resumed is not None)
        return _process.current


@contextmanager
def set_current_flow(flow: RunningFlow, *, until_exit: bool = False) -> Iterator[None]:
    """Make `flow` the current flow of this process within a block, or from the block on until the process exits."""
    before, _process.current = _process.current, flow
    try:
        yield
    finally:
        if not until_exit:
            _process.current = before


def take_requested_options(config: CalibConfig) -> CalibConfig:
    """Return the configuration of a session of a user's flow with the value scope and the strategies of the request, unless it has its own."""
    request = get_current_flow().request
    if request is None or not request.is_user_flow:
        return config
    if config.scope is None and config.saved:
        config = replace(config, scope=request.scope)
    if config.scheduling == StrategySelection():
        config = replace(config, scheduling=request.scheduling)
    return config
