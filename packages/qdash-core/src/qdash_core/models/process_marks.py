"""Heartbeat records of processes in the store."""

from datetime import datetime, timedelta

from qdash_core.models.base import Record, UtcDatetime, Value


class LockHold(Value):
    """Identity of a held instrument lock, which a run presents to write."""

    owner: str
    """New for every acquisition of a lock."""
    instrument: str
    """The locked instrument."""


Mark = tuple[str, int]
"""Observed owner and number of renewals of a heartbeat record."""


class ProcessMark(Record):
    """A record held by one process, which expires unless it is renewed."""

    owner: str
    """Identifier of the hold, new for every acquisition, also by the same process."""
    host: str
    pid: int
    process_start: float
    """Start time of the process in units of its host, which distinguishes a reused pid."""
    pid_space: str = ""
    """Identifier that distinguishes hosts with equal names, such as containers; empty if the system has none."""
    acquired_at: UtcDatetime
    expires_at: UtcDatetime
    ttl_s: float = 30.0
    """Lifetime without a renewal, in seconds."""
    renewals: int = 0
    """Incremented by every heartbeat. It shows other hosts that the holder is alive, independent of clocks."""

    @property
    def renewed_at(self) -> datetime:
        """Time of the last renewal, or of the acquisition."""
        return self.expires_at - timedelta(seconds=self.ttl_s)

    @property
    def mark(self) -> Mark:
        """Return the owner and the number of renewals, which change with every renewal or new holder."""
        return self.owner, self.renewals
