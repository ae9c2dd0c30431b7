"""View models of value scopes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from qdash_builtin.values.views.values import ChangedValueDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.chip import TargetStatus
from qdash_core.models.value_change import ChangedStatus, ScopeStatus

if TYPE_CHECKING:
    from qdash_builtin.values.value_scopes import ScopeView
    from qdash_builtin.values.value_transfer import Changes


class ValueScopeHeader(Document):
    """Value scope without its values."""

    chip_id: str
    name: str
    username: str
    """User of the first run in the scope."""
    status: ScopeStatus
    created_at: dt.datetime
    executions: list[str]
    """Executions of the runs in the scope, in the order in which they started."""
    closed_by: OmitEmpty[str] = None
    """User who committed or discarded the scope."""
    closed_at: dt.datetime | None = None
    reason: OmitEmpty[str] = None
    """Reason for the commit or discard."""
    event: int | None = None
    """Number of the value event of the commit."""


class ValueScopeDocument(ValueScopeHeader):
    """Value scope with its values compared with those of the chip."""

    users: list[str]
    """Users of the runs, in alphabetical order."""
    changes: list[ChangedValueDocument]
    """Values that a commit sets or has set: the chip's value as `before`, the scope's as `after`."""
    kept: list[ChangedValueDocument]
    """Values of the chip (`before`) that stay because they were measured later than those of the scope (`after`)."""
    removed: list[ChangedValueDocument]
    """Values of the chip that a commit removes because they are valid only for the former direction of a coupling."""
    directions: dict[str, str]
    """New control qubit by coupling."""
    statuses: dict[str, TargetStatus]
    """Statuses of qubits and couplings in the scope."""
    status_changes: dict[str, ChangedStatus]
    """Statuses that a commit sets or has set: the chip's status as `before`, the scope's as `after`."""
    kept_statuses: dict[str, ChangedStatus]
    """Statuses of the chip (`before`) that stay because a user set them, or because they are newer than those of the scope (`after`)."""

    @classmethod
    def from_view(cls, view: ScopeView) -> Self:
        """Return the view model of a scope with its values."""
        transfer = view.transfer
        return cls.from_record(
            view.scope,
            users=sorted({one.username for one in view.executions}),
            changes=_list_changes(transfer.changes),
            kept=_list_changes(transfer.kept),
            removed=_list_changes(transfer.removed),
            directions=transfer.directions,
            status_changes=transfer.statuses,
            kept_statuses=transfer.kept_statuses,
        )


def _list_changes(changes: Changes) -> list[ChangedValueDocument]:
    return [
        ChangedValueDocument.from_record(change, target=target, parameter=name)
        for target, of_target in changes.items()
        for name, change in of_target.items()
    ]
