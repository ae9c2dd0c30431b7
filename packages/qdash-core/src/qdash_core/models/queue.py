"""Runs that wait for their chip, and the processes that are there to perform them."""

from typing import Literal

from qdash_core.models.base import Record, UtcDatetime
from qdash_core.models.marks import ProcessMark


class PresenceModel(ProcessMark):
    """A process that is there: a worker, or a command that waits for its run. Found by `owner`."""

    kind: Literal["worker", "command"]
    username: str = ""


class QueueEntryModel(Record):
    """A run that waits, or is being performed. Its execution is `scheduled`, or has ended and is to be resumed."""

    project_id: str
    execution_id: str
    chip_id: str = ""
    """Empty: a flow of somebody's own that knows its chip itself."""
    instrument: str = ""
    """What it waits for: the instrument of its chip; empty: nothing."""
    username: str
    name: str
    rank: int
    """Of those that can begin, the one with the smallest does."""
    submitted_at: UtcDatetime
    resume: bool = False
    """Whether the execution has run before, and is gone on with."""
    attempts: int = 0
    """How many stretches its execution had when it was put here: with more, it has begun since."""
    held: bool = False
    reason: str = ""
    """Why it is held."""
    waiter: str = ""
    """The presence of the command that waits for it and performs it; empty: a worker does."""
    performer: str = ""
    """The presence that performs it now; empty: it waits."""
    begin_before: UtcDatetime | None = None
    """When it has not begun by then, it is taken out and begun by nobody. None: it waits as long as it has to."""
    deaths: int = 0
    """How often its worker, or the worker's process for it, has died."""

    @property
    def key(self) -> tuple[str, str]:
        """Project and execution: what it is found by."""
        return self.project_id, self.execution_id

    @property
    def detached(self) -> bool:
        """Whether a worker performs it: no command waits for it."""
        return not self.waiter
