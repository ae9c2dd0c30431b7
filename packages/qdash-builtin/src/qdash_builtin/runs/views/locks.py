"""View models of instrument locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.locks.liveness import Liveness
from qdash_core.models.base import UtcDatetime
from qdash_core.models.claims import LockScope, describe_resources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.locks.service import LockStatus


class LeaseDocument(ExplicitDocument):
    """An instrument lock, and the liveness of its holder."""

    host: str
    pid: int
    acquired_at: UtcDatetime
    expires_at: UtcDatetime
    renewed_at: UtcDatetime
    """Time of the last renewal, or of the acquisition."""
    instrument: str
    project_id: str
    chip_id: str
    """The chip that is measured."""
    scope: LockScope
    execution_id: str
    """Empty if the run has no record yet."""
    chips: list[str]
    """The known chips of the store, of every project, that are measured with this instrument."""
    owner: str | None
    """The user of the run, or None if it has no record yet."""
    resources: list[str]
    """Names of the locked parts of the instrument; the instrument itself if all of it is locked."""
    holder: Liveness
    silent_since: UtcDatetime | None = None
    """Time of the last renewal, if a live process has not renewed the lock in time: it may be stopped; absent otherwise."""
    locked: bool
    """True if another run would be refused, or would first have to watch the holder."""
    description: str | None = None
    """The holder and its liveness in words, or what became of a released lock; absent among the runs of a chip."""

    @classmethod
    def from_status(cls, status: LockStatus, chips: Sequence[str], *, description: str | None = None) -> Self:
        """Return the view model of a lock on the instrument of these chips."""
        return cls.from_record(
            status.lock,
            chips=chips,
            owner=status.username,
            resources=status.lock.claim.list_names(),
            holder=status.holder,
            silent_since=status.silent_since,
            locked=status.locked,
            description=description,
        )


class LocksDocument(Document):
    """Locks on the instruments of a project's chips, also those held from other projects."""

    project_id: str
    locked: bool
    leases: list[LeaseDocument]

    @classmethod
    def from_locks(
        cls,
        project_id: str,
        locks: Sequence[LockStatus],
        chips: Mapping[str, Sequence[str]],
        describe: Callable[[LockStatus], str],
    ) -> Self:
        """Return the view model of locks; `chips` maps each instrument to its chips."""
        return cls(
            project_id=project_id,
            locked=any(one.locked for one in locks),
            leases=[
                LeaseDocument.from_status(one, chips[one.lock.instrument], description=describe(one))
                for one in locks
            ],
        )


class ReleasedDocument(Document):
    """Instrument locks that were released."""

    released: list[LeaseDocument]

    @classmethod
    def from_locks(cls, locks: Sequence[LockStatus], chips: Mapping[str, Sequence[str]]) -> Self:
        """Return the view model of released locks; `chips` maps each instrument to its chips."""
        return cls(
            released=[
                LeaseDocument.from_status(one, chips[one.lock.instrument], description=_describe_release(one))
                for one in locks
            ]
        )


def _describe_release(status: LockStatus) -> str:
    """Return a sentence about the released parts and the end of the run."""
    freed = describe_resources(status.lock.resources) or f"instrument {status.lock.instrument}"
    return f"{freed} is free now; {status.run} {'stops' if status.locked else 'had already died'}"
