"""Service for instrument locks: status and description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from qdash_core.locks.liveness import Liveness, assess_liveness, held_here
from qdash_core.models.claims import describe_resources
from qdash_core.models.times import format_time
from qdash_core.process.clock import machine_now
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, tzinfo

    from qdash_core.models.claims import Claim
    from qdash_core.models.execution import ExecutionLockModel, ExecutionModel
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class LockStatus:
    """The last written instrument lock with the liveness of its holder.

    Parameters
    ----------
    username : str or None
        User of the run, or None while it has no record yet.
    silent_since : datetime or None
        Last renewal, if the process is alive but has not renewed the lock in time: it may be stopped, or without the store.
    """

    lock: ExecutionLockModel
    username: str | None
    holder: Liveness
    silent_since: datetime | None = None

    @property
    def locked(self) -> bool:
        """True if another run would be rejected, or would first have to watch the lock."""
        return self.holder is not Liveness.DEAD

    @property
    def subject(self) -> str:
        """Description of the locked instrument, or of its locked parts."""
        lock = self.lock
        chip = f"chip {lock.chip_id} of project {lock.project_id}"
        if lock.scope == "project":
            return f"project {lock.project_id} ({chip}, instrument {lock.instrument})"
        if lock.resources:
            return self._describe_parts(describe_resources(lock.resources))
        return f"{chip} (instrument {lock.instrument})"

    def _describe_parts(self, names: str) -> str:
        return f"{names} (project {self.lock.project_id}, instrument {self.lock.instrument})"

    def describe_overlap(self, claim: Claim) -> str:
        """Return a description of the locked parts that a run with a claim needs, too."""
        shared = self.lock.claim.describe_shared(claim)
        return self._describe_parts(shared) if shared and self.lock.scope != "project" else self.subject

    @property
    def run(self) -> str:
        """Description of the run."""
        if not self.lock.execution_id:
            return "a run that is just beginning, or a check of the laboratory"
        whose = f" of {self.username}" if self.username else ""
        return f"execution {self.lock.execution_id}{whose}"

    def process(self, zone: tzinfo) -> str:
        """Return a description of the process with the times of acquisition, and of expiry or the last renewal, in `zone`."""
        lock = self.lock
        since = format_time(lock.acquired_at, zone)
        if self.silent_since is not None:
            silence = f"alive, but no sign of life since {format_time(self.silent_since, zone)}"
            return f"process {lock.pid} on {lock.host}, since {since}, {silence}"
        until = format_time(lock.expires_at, zone)
        return f"process {lock.pid} on {lock.host}, since {since}, renewed until {until}"

    def describe(self, zone: tzinfo, project_id: str) -> str:
        """Return sentences about the holder, its liveness and the consequences, for members of a project."""
        lock, held = self.lock, f"{self.subject} is in use by {self.run} ({self.process(zone)})."
        match self.holder:
            case Liveness.ALIVE:
                return (
                    held
                    if self.silent_since is None
                    else f"{held} It may be stopped, or cannot reach the store: continue or end it, or release its lock."
                )
            case Liveness.DOUBTFUL:
                return (
                    f"{held} It has not been renewed in time: the next run watches it for {lock.ttl_s:g} s, and takes "
                    "the lock over if it is not renewed."
                )
            case Liveness.DEAD:
                resume = (
                    f"`qdash executions resume {lock.execution_id}{self._make_project_option(project_id)}`"
                )
                goes_on = f"; {resume} resumes it" if lock.execution_id else ""
                return f"{held} That process is dead: the next run takes the lock over{goes_on}."
            case _:
                assert_never(self.holder)

    def describe_refusal(self, zone: tzinfo, claim: Claim, chip_id: str) -> str:
        """Return a message with the reason why a run with a claim on a chip cannot start, and the remedy."""
        lock, in_use = self.lock, f"{self.describe_overlap(claim)} is in use by {self.run}"
        project_id = claim.project_id
        if (lock.project_id, lock.chip_id) != (project_id, chip_id):
            in_use = f"chip {chip_id} of project {project_id} cannot be measured now: {in_use}"
        if lock.owner in held_here:
            since = format_time(lock.acquired_at, zone)
            return f"{in_use} of this process (since {since}): finish or cancel its calibration first"
        where = self._make_project_option(project_id)
        look = f"executions show {lock.execution_id}{where}" if lock.execution_id else "lock status"
        return (
            f"{in_use} ({self.process(zone)}): see `qdash {look}`; wait for its end, or stop it with "
            f"`qdash executions cancel {lock.execution_id or 'ID'}{where}` or "
            f"`{lock.release_command}{where}`"
        )

    def _make_project_option(self, project_id: str) -> str:
        """Return the command option for the run's project, or empty text if it is the same project."""
        return "" if self.lock.project_id == project_id else f" --project {self.lock.project_id}"


def assess_locks(
    repositories: Repositories, locks: Sequence[ExecutionLockModel], now: datetime
) -> list[LockStatus]:
    """Return the statuses of locks."""
    executions = repositories.of(ExecutionRepository).get_many(
        {(one.project_id, one.execution_id) for one in locks}
    )
    found = [(lock, executions.get((lock.project_id, lock.execution_id))) for lock in locks]
    return [
        _assess_lock(lock, None if execution is None else execution.username, now)
        for lock, execution in found
    ]


def _assess_lock(lock: ExecutionLockModel, username: str | None, now: datetime) -> LockStatus:
    holder = assess_liveness(lock, now)
    is_silent = holder is Liveness.ALIVE and now > lock.expires_at
    return LockStatus(lock, username, holder, lock.renewed_at if is_silent else None)


class LockService:
    """Service for the instrument locks of one store."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._store = store
        self._clock = clock

    def list_all(self) -> list[LockStatus]:
        """Return every lock of the store."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            return assess_locks(
                repositories, repositories.of(ExecutionLockRepository).list_all(), self._clock()
            )

    def get_by_execution(self, execution: ExecutionModel) -> LockStatus | None:
        """Return the lock of a running execution, or None if it is no longer held."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            lock = repositories.of(ExecutionLockRepository).get_held_by(execution.hold)
            found = assess_locks(repositories, [] if lock is None else [lock], self._clock())
            return found[0] if found else None

    def list_by_project(self, project_id: str) -> list[LockStatus]:
        """Return the locks held by runs of a project."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            return assess_locks(
                repositories,
                repositories.of(ExecutionLockRepository).list_by_project(project_id),
                self._clock(),
            )
