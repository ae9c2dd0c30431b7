"""Who holds the leases of a project: looked at, said in words, and taken away by force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from qdash_core.lease.liveness import Liveness, held_here, liveness
from qdash_core.models.base import utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """A lease, and what is known of its holder.

    Parameters
    ----------
    lease : ExecutionLockModel
        As it was last written.
    username : str or None
        Whose run it is for; None while the run has no record yet.
    holder : Liveness
        Whether the process that holds it lives.
    """

    lease: ExecutionLockModel
    username: str | None
    holder: Liveness

    @property
    def locked(self) -> bool:
        """Whether another run would be refused, or have to watch first."""
        return self.holder is not Liveness.DEAD

    @property
    def subject(self) -> str:
        """What is locked."""
        project = f"project {self.lease.project_id}"
        return f"chip {self.lease.chip_id} of {project}" if self.lease.chip_id else project

    @property
    def run(self) -> str:
        """For which run."""
        if not self.lease.execution_id:
            return "a run that is just beginning"
        whose = f" of {self.username}" if self.username else ""
        return f"execution {self.lease.execution_id}{whose}"

    def process(self, zone: tzinfo) -> str:
        """Return by which process, since when and until when, as a clock in `zone` shows it."""
        lease = self.lease
        since = lease.acquired_at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        until = lease.expires_at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        return f"process {lease.pid} on {lease.host}, since {since}, renewed until {until}"

    def told(self, zone: tzinfo) -> str:
        """Return who holds it, whether that process lives, and what follows, in sentences."""
        lease, held = self.lease, f"{self.subject} is in use by {self.run} ({self.process(zone)})."
        match self.holder:
            case Liveness.ALIVE:
                return held
            case Liveness.DOUBTFUL:
                return (
                    f"{held} It has not been renewed in time: the next run watches it for {lease.ttl_s:g} s, and takes "
                    "the lock over if it is not renewed."
                )
            case Liveness.DEAD:
                resume = (
                    f"; `qdash executions resume {lease.execution_id}` goes on with it"
                    if lease.execution_id
                    else ""
                )
                return f"{held} That process is dead: the next run takes the lock over{resume}."
            case _:
                assert_never(self.holder)

    def refusal(self, zone: tzinfo) -> str:
        """Return why another run cannot begin, and what to do."""
        lease, in_use = self.lease, f"{self.subject} is in use by {self.run}"
        if lease.owner in held_here:
            since = lease.acquired_at.astimezone(zone).isoformat(sep=" ", timespec="seconds")
            return f"{in_use} of this process (since {since}): finish or cancel its calibration first"
        look = (
            f"`qdash executions show {lease.execution_id}`" if lease.execution_id else "`qdash lock status`"
        )
        return (
            f"{in_use} ({self.process(zone)}): see {look}; wait for its end, or stop it with "
            f"`qdash executions cancel {lease.execution_id or 'ID'}` or `qdash lock release --force`"
        )


def status_of(repositories: Repositories, lease: ExecutionLockModel, now: datetime) -> LeaseStatus:
    """Return what is known of a lease and its holder."""
    execution = repositories.executions.find(lease.project_id, lease.execution_id)
    return LeaseStatus(lease, None if execution is None else execution.username, liveness(lease, now))


class LeaseService:
    """Leases of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def of_project(self, project_id: str) -> list[LeaseStatus]:
        """Return every lease of a project, that on the whole of it first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            leases = repositories.locks.of_project(project_id)
            return [status_of(repositories, lease, self._clock()) for lease in leases]

    def on_chip(self, project_id: str, chip_id: str) -> list[LeaseStatus]:
        """Return the leases under which a chip may be in use."""
        return [found for found in self.of_project(project_id) if found.lease.chip_id in ("", chip_id)]

    def take_away(self, status: LeaseStatus) -> bool:
        """Remove a lease, as long as the holder is the one that was looked at; returns whether it was removed.

        A run that lives notices the loss and stops: it writes nothing more.
        """
        lease = status.lease
        return Repositories(self._store).locks.remove(lease.project_id, lease.chip_id, owner=lease.owner)
