"""Deletion of a chip, and its impact: documents removed and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.cryostats import CooldownRepository
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.repositories.store import Snapshot, Transaction

_REMOVED = (
    "qubit",
    "coupling",
    "qubit_history",
    "coupling_history",
    "evidence_change",
    "chip_history",
    "latest_result",
    "value_scope",
    "release",
    "release_target",
    "calibration_note",
    "metric_note",
)
_KEPT = (
    "execution_history",
    "task_result_history",
    "note_event",
    "value_change",
    "provenance",
    "issue",
    "conversation",
)


_NOUNS = {
    "qubit": ("qubit", "qubits"),
    "coupling": ("coupling", "couplings"),
    "qubit_history": ("daily copy of a qubit", "daily copies of qubits"),
    "coupling_history": ("daily copy of a coupling", "daily copies of couplings"),
    "chip_history": ("daily copy of the chip", "daily copies of the chip"),
    "evidence_change": ("change of a status or outcome", "changes of statuses and outcomes"),
    "latest_result": ("newest result of a task", "newest results of tasks"),
    "value_scope": ("value scope", "value scopes"),
    "release": ("release", "releases"),
    "release_target": ("target of a release", "targets of releases"),
    "calibration_note": ("calibration note", "calibration notes"),
    "metric_note": ("note on a metric", "notes on metrics"),
    "execution_history": ("execution", "executions"),
    "task_result_history": ("task result", "task results"),
    "note_event": ("edit of a note", "edits of notes"),
    "value_change": ("value event", "value events"),
    "provenance": ("record of provenance", "records of provenance"),
    "issue": ("issue", "issues"),
    "conversation": ("conversation", "conversations"),
}
"""Names of stored objects for users, by collection."""


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return the numbers of stored objects by collection in words, without zeros."""
    words = (
        f"{number} {_NOUNS.get(name, (name, name))[number != 1]}" for name, number in counts.items() if number
    )
    return ", ".join(words) or "nothing"


@dataclass(frozen=True, slots=True)
class DeletionImpact:
    """Impact of the deletion of a chip.

    Parameters
    ----------
    chip_id : str
        The chip.
    removed : mapping of str to int
        Number of documents removed, by collection.
    kept : mapping of str to int
        Number of documents about the chip that stay as history, by collection.
    cooldown_ids : tuple of str
        Cool-downs that the chip is removed from.
    calibrated : int
        Number of qubits and couplings with calibrated values.
    """

    chip_id: str
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    cooldown_ids: tuple[str, ...]
    calibrated: int

    @property
    def loses_something(self) -> bool:
        """True if the deletion removes more than an unused chip with its qubits and couplings."""
        made = {"qubit", "coupling"}
        return bool(self.calibrated) or any(
            number for name, number in self.removed.items() if name not in made
        )

    def __str__(self) -> str:
        """Return the impact as one line of text."""
        return describe_impact(self.removed, self.kept, self.cooldown_ids)


def describe_impact(removed: Mapping[str, int], kept: Mapping[str, int], cooldown_ids: Sequence[str]) -> str:
    """Return the numbers of removed and kept records, and the cool-downs that a chip leaves, as one line of text."""
    return f"removed: {describe_counts(removed)}; kept as history: {describe_counts(kept)}" + (
        f"; taken out of cool-downs {', '.join(cooldown_ids)}" if cooldown_ids else ""
    )


def describe_deletion(
    snapshot: Snapshot, repositories: Repositories, project_id: str, chip_id: str
) -> DeletionImpact:
    """Return the impact that the deletion of a chip would have."""
    where = {"project_id": project_id, "chip_id": chip_id}
    targets = (
        *repositories.of(QubitCalibrationRepository).list_by_chip(project_id, chip_id),
        *repositories.of(CouplingCalibrationRepository).list_by_chip(project_id, chip_id),
    )
    return DeletionImpact(
        chip_id=chip_id,
        removed={name: snapshot.count(name, where) for name in _REMOVED},
        kept={name: snapshot.count(name, where) for name in _KEPT},
        cooldown_ids=tuple(
            cooldown.cooldown_id
            for cooldown in repositories.of(CooldownRepository).list_by_chip(project_id, chip_id)
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
    for lock in repositories.of(ExecutionLockRepository).list_by_project(project_id):
        if lock.chip_id == chip_id and is_live(lock):
            run = (
                f"execution {lock.execution_id}"
                if lock.execution_id
                else "a run that is just beginning, or a check of the laboratory"
            )
            raise LockedError(
                f"chip {chip_id} is being measured by {run}: let it end first, or see `qdash lock status`"
            )


def delete_chip(transaction: Transaction, project_id: str, chip_id: str, *, now: datetime) -> None:
    """Delete a chip with all documents about its state, and remove it from its cool-downs."""
    where = {"project_id": project_id, "chip_id": chip_id}
    cooldowns = Repositories(transaction).of(CooldownRepository)
    for cooldown in cooldowns.list_by_chip(project_id, chip_id):
        others = [other for other in cooldown.chip_ids if other != chip_id]
        cooldowns.put(cooldown.with_changes(chip_ids=others, now=now))
    Repositories(transaction).of(ProvenanceRepository).delete_releases(project_id, chip_id)
    for collection in (*_REMOVED, "chip"):
        transaction.delete(collection, where)
