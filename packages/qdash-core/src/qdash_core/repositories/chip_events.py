"""Events that record changes of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.models.chip import TargetStatus
    from qdash_core.repositories.repositories import Repositories

Changed = Literal["topology", "wiring", "design", "status", "direction", "cooldown", "specification"]


def is_chip_change(event: EventModel) -> bool:
    """Return whether an event records a change of an existing chip, which changes no result."""
    return event.kind == "chip.changed"


def log_chip(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    what: Literal["created", "deleted"] | Changed,
    *,
    username: str = "",
    targets: Collection[str] = (),
    statuses: Mapping[str, tuple[TargetStatus, TargetStatus]] | None = None,
) -> None:
    """Record the event of a change to a chip, in the transaction of the change: every write to a chip records one.

    `what` is the changed part, and `username` is empty for a run. `targets` has the changed qubits and couplings, or
    is empty for the chip itself. `statuses` has the former and new status by target, for a change of statuses.
    """
    kind = what if what in ("created", "deleted") else "changed"
    data = {
        **({"changed": what} if kind == "changed" else {}),
        **({"username": username} if username else {}),
        **({"targets": list(targets)} if targets else {}),
        **({"statuses": {qid: [*pair] for qid, pair in statuses.items()}} if statuses else {}),
    }
    repositories.of(EventRepository).append(
        EventModel(project_id=project_id, kind=f"chip.{kind}", chip_id=chip_id, data=data)
    )
