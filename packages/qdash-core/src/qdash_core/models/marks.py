"""The mark that a process leaves in the store on what it holds, and renews as long as it lives."""

from qdash_core.models.base import Record, UtcDatetime, Value


class LeaseHold(Value):
    """Who holds which lease: what a run shows before it writes."""

    owner: str
    """Another one every time a lease is taken."""
    instrument: str
    """What the lease is on."""


Mark = tuple[str, int]
"""A mark as somebody saw it: its owner, and how often it had been renewed."""


class ProcessMark(Record):
    """A row that one process holds, and until when if it is not renewed."""

    owner: str
    """The hold: another one every time, also for the same process."""
    host: str
    pid: int
    process_start: float
    """When the process started, as its host counts: a reused pid is not the same process."""
    pid_space: str = ""
    """What tells hosts of one name apart, as containers are; empty where the system does not say."""
    acquired_at: UtcDatetime
    expires_at: UtcDatetime
    ttl_s: float = 30.0
    """So long it lives without being renewed, in seconds."""
    renewals: int = 0
    """Grows with every heartbeat: another host sees by it, whatever the clocks say, that the holder lives."""

    @property
    def mark(self) -> Mark:
        """Return what changes when it is renewed, or becomes another's."""
        return self.owner, self.renewals
