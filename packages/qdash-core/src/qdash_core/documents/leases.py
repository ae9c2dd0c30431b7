"""Leases: who has an instrument for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.lease.liveness import Liveness
from qdash_core.models.base import UtcDatetime
from qdash_core.models.execution import LockScope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.lease.service import LeaseStatus

LEASE_EXAMPLE: dict[str, Any] = {
    "host": "lab-1",
    "pid": 4711,
    "acquired_at": "2026-11-21T06:14:23.562803Z",
    "expires_at": "2026-11-21T06:14:53.562803Z",
    "instrument": "fake/default/a",
    "project_id": "default",
    "chip_id": "a",
    "scope": "chip",
    "execution_id": "20261121-001",
    "chips": ["a"],
    "owner": "admin",
    "holder": "alive",
    "locked": True,
}


class LeaseDocument(ExplicitDocument):
    """A lease, and what is known of its holder."""

    model_config = ConfigDict(json_schema_extra={"examples": [LEASE_EXAMPLE]})

    host: str
    pid: int
    acquired_at: UtcDatetime
    expires_at: UtcDatetime
    instrument: str
    project_id: str
    chip_id: str
    """The chip that is measured."""
    scope: LockScope
    execution_id: str
    """Empty: the run has no record yet."""
    chips: list[str]
    """The chips of the store, of every project, that are measured under it, as far as is known."""
    owner: str | None
    """Whose run it is for; None while the run has no record yet."""
    holder: Liveness
    locked: bool
    """Whether another run would be refused, or have to watch first."""

    @classmethod
    def of(cls, status: LeaseStatus, chips: Sequence[str]) -> Self:
        """Return the document of a lease on the instrument of these chips."""
        return cls._like(
            status.lease.model_copy(update={"owner": status.username}),
            chips=list(chips),
            holder=status.holder,
            locked=status.locked,
        )


class LocksDocument(Document):
    """Who measures the chips of a project, or uses their instruments for another one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"locked": True, "leases": [LEASE_EXAMPLE]}]})

    locked: bool
    leases: list[LeaseDocument]

    @classmethod
    def of(cls, leases: Sequence[LeaseStatus], chips: Mapping[str, Sequence[str]]) -> Self:
        """Return the document of leases; `chips` has those of each instrument."""
        return cls(
            locked=any(one.locked for one in leases),
            leases=[LeaseDocument.of(one, chips[one.lease.instrument]) for one in leases],
        )


class ReleasedDocument(Document):
    """Leases that were taken away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"released": [LEASE_EXAMPLE]}]})

    released: list[LeaseDocument]

    @classmethod
    def of(cls, leases: Sequence[LeaseStatus], chips: Mapping[str, Sequence[str]]) -> Self:
        """Return the document of leases that are gone; `chips` has those of each instrument."""
        return cls(released=[LeaseDocument.of(one, chips[one.lease.instrument]) for one in leases])
