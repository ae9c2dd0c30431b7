"""What the deletion of a chip takes away, what it leaves, and the deletion itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.repositories.store import Snapshot, Transaction

_REMOVED = (
    "qubit",
    "coupling",
    "qubit_history",
    "coupling_history",
    "chip_history",
    "latest_result",
    "calibration_note",
    "metric_note",
)
_KEPT = ("execution_history", "task_result_history", "note_event")


@dataclass(frozen=True, slots=True)
class DeletionImpact:
    """What would happen.

    Parameters
    ----------
    chip_id : str
        The chip.
    removed : mapping of str to int
        Collection to how many documents go.
    kept : mapping of str to int
        Collection to how many documents about the chip stay, as history.
    cooldown_ids : tuple of str
        Cool-downs that the chip is taken out of.
    calibrated : int
        Qubits and couplings that hold calibrated values.
    """

    chip_id: str
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    cooldown_ids: tuple[str, ...]
    calibrated: int

    @property
    def loses_something(self) -> bool:
        """Whether there is more to lose than a chip on which nothing has been done."""
        made = {"qubit", "coupling"}
        return bool(self.calibrated) or any(
            number for name, number in self.removed.items() if name not in made
        )

    def __str__(self) -> str:
        """Tell it in one line."""
        removed = ", ".join(f"{number} {name}" for name, number in self.removed.items() if number)
        kept = ", ".join(f"{number} {name}" for name, number in self.kept.items() if number)
        return f"removed: {removed}; kept as history: {kept or 'nothing'}" + (
            f"; taken out of cool-downs {', '.join(self.cooldown_ids)}" if self.cooldown_ids else ""
        )


def deletion_impact(
    snapshot: Snapshot, repositories: Repositories, project_id: str, chip_id: str
) -> DeletionImpact:
    """Return what the deletion of a chip would do."""
    where = {"project_id": project_id, "chip_id": chip_id}
    targets = (
        *repositories.qubits.of_chip(project_id, chip_id),
        *repositories.couplings.of_chip(project_id, chip_id),
    )
    return DeletionImpact(
        chip_id=chip_id,
        removed={name: snapshot.count(name, where) for name in _REMOVED},
        kept={name: snapshot.count(name, where) for name in _KEPT},
        cooldown_ids=tuple(
            cooldown.cooldown_id for cooldown in repositories.cooldowns.of_chip(project_id, chip_id)
        ),
        calibrated=sum(bool(target.data) for target in targets),
    )


def refuse_while_measured(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    is_live: Callable[[ExecutionLockModel], bool],
) -> None:
    """Raise `LockedError` if a run is measuring the chip."""
    for lease in repositories.locks.of_project(project_id):
        if lease.chip_id == chip_id and is_live(lease):
            run = (
                f"execution {lease.execution_id}"
                if lease.execution_id
                else "a run that is just beginning, or a check of the laboratory"
            )
            raise LockedError(
                f"chip {chip_id} is being measured by {run}: let it end first, or see `qdash lock status`"
            )


def delete_chip(transaction: Transaction, project_id: str, chip_id: str, *, now: datetime) -> None:
    """Remove a chip with all that is about its state, and take it out of its cool-downs."""
    where = {"project_id": project_id, "chip_id": chip_id}
    cooldowns = Repositories(transaction).cooldowns
    for cooldown in cooldowns.of_chip(project_id, chip_id):
        others = [other for other in cooldown.chip_ids if other != chip_id]
        cooldowns.put(cooldown.altered(chip_ids=others, now=now))
    for collection in (*_REMOVED, "chip"):
        transaction.delete(collection, where)
