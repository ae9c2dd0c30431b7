"""Queue entries, and the processes that perform them."""

from typing import Literal

from qdash_core.models.base import Record, UtcDatetime
from qdash_core.models.claims import Claim, LockScope
from qdash_core.models.process_marks import ProcessMark


class PresenceModel(ProcessMark):
    """Registration of a live process: a worker, or a command that waits for its run. Found by `owner`."""

    kind: Literal["worker", "command"]
    username: str = ""


class QueueEntryModel(Record):
    """A run that waits or is being performed: its execution is `scheduled`, or awaits a resume."""

    project_id: str
    execution_id: str
    chip_id: str = ""
    """The chip; empty for a user's flow that alone knows its chip."""
    instrument: str = ""
    """Instrument of its chip, for which it waits; empty if unknown."""
    resources: list[str] = []
    """Parts of the instrument for which it waits, or empty for the whole instrument."""
    username: str
    name: str
    rank: int
    """Order in the queue. Of the runs that can start, the one with the smallest rank starts."""
    submitted_at: UtcDatetime
    resume: bool = False
    """True if the execution has run before, and is gone on with."""
    attempts: int = 0
    """Number of run attempts of its execution when it was queued. If there are more, it has started since."""
    held: bool = False
    reason: str = ""
    """Reason for which the entry is held."""
    waiter: str = ""
    """Registration of the command that waits for the run and performs it; empty if a worker performs it."""
    performer: str = ""
    """Registration of the process that performs it now; empty while it waits."""
    begin_before: UtcDatetime | None = None
    """Latest start. If the run has not started, it is removed from the queue. None if there is no limit."""
    deaths: int = 0
    """Number of times that its worker, or the worker's process for it, has died."""

    @property
    def key(self) -> tuple[str, str]:
        """Unique key: project and execution."""
        return self.project_id, self.execution_id

    def get_claim(self, scope: LockScope) -> Claim:
        """Return what the run needs exclusively, with the scope of locks in force."""
        return Claim(self.instrument, self.project_id, scope, frozenset(self.resources))

    @property
    def detached(self) -> bool:
        """True if a worker performs the run and no command waits for it."""
        return not self.waiter
