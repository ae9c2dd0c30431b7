"""Deletion of a chip, and its impact: documents removed and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError
from qdash_core.features.declarations import get_entity_nouns, list_known_features
from qdash_core.models.attachment import iterate_attached
from qdash_core.models.provenance import name_release
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_core.repositories.collection import ChipFate, Collection
    from qdash_core.repositories.store import Snapshot, Transaction


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return the numbers of stored objects by collection, such as `note`, or entity, such as `plugin_record.sample`, in words, without zeros."""
    words = (_describe_count(name, number) for name, number in counts.items() if number)
    return ", ".join(words) or "nothing"


def _describe_count(name: str, number: int) -> str:
    _, _, entity_name = name.partition(".")
    if entity_name:
        usual = f"{entity_name.replace('-', ' ')} record"
        nouns = get_entity_nouns().get(entity_name, (usual, f"{usual}s"))
        return f"{number} {nouns[number != 1]}"
    known = COLLECTIONS.get(name)  # not if another process, with other plugins, has counted
    return f"{number} {name}" if known is None else known.count_in_words(number)


@dataclass(frozen=True, slots=True)
class DeletionImpact:
    """Impact of the deletion of a chip.

    Parameters
    ----------
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
    targets = (
        *repositories.of(QubitCalibrationRepository).list_by_chip(project_id, chip_id),
        *repositories.of(CouplingCalibrationRepository).list_by_chip(project_id, chip_id),
    )
    return DeletionImpact(
        chip_id=chip_id,
        removed=_count(snapshot, "removed", project_id, chip_id),
        kept=_count(snapshot, "kept", project_id, chip_id),
        cooldown_ids=tuple(
            cooldown.cooldown_id
            for cooldown in repositories.of(CooldownRepository).list_by_chip(project_id, chip_id)
        ),
        calibrated=sum(bool(target.data) for target in targets),
    )


def _count(snapshot: Snapshot, fate: ChipFate, project_id: str, chip_id: str) -> dict[str, int]:
    """Return the numbers of documents with a fate by collection, without those that have none, and of records of plugins by known entity."""
    counts: dict[str, int] = {}
    for name, one in snapshot.collections.items():
        query = _select_by_fate(one, fate, project_id, chip_id)
        if query is None:
            continue
        counts[name] = snapshot.count(name, query)
        if one.entity_field and counts[name]:
            declared = (entity for feature in list_known_features() for entity in feature.entities)
            for entity in sorted({*get_entity_nouns(), *declared}):
                found = counts[f"{name}.{entity}"] = snapshot.count(name, {**query, one.entity_field: entity})
                counts[name] -= found
    return counts


def refuse_while_referenced(snapshot: Snapshot, project_id: str, chip_id: str) -> None:
    """Raise `ConflictError` if records of the chip must not lose it."""
    counts = _count(snapshot, "refused", project_id, chip_id)
    if any(counts.values()):
        raise ConflictError(
            f"chip {chip_id} cannot be deleted while records refer to it: delete them first ({describe_counts(counts)})"
        )


def list_lost_files(transaction: Transaction, project_id: str, chip_id: str) -> list[str]:
    """Return the paths of the files that belong to documents that are removed with a chip."""
    return [
        path
        for name, collection in transaction.collections.items()
        if (query := _select_by_fate(collection, "removed", project_id, chip_id)) and collection.attached
        for document in transaction.find(name, query)
        for path, _checksum in iterate_attached(document)
    ]


def delete_chip(transaction: Transaction, project_id: str, chip_id: str, *, now: datetime) -> None:
    """Delete a chip with all documents about its state, and remove it from its cool-downs."""
    where = {"project_id": project_id, "chip_id": chip_id}
    cooldowns = Repositories(transaction).of(CooldownRepository)
    for cooldown in cooldowns.list_by_chip(project_id, chip_id):
        others = [other for other in cooldown.chip_ids if other != chip_id]
        cooldowns.put(cooldown.with_changes(chip_ids=others, now=now))
    releases = name_release(chip_id, "")
    edges = Range(least=releases, below=f"{releases}\U0010ffff")
    Repositories(transaction).of(ProvenanceRepository).delete(project_id, edges)
    for name, collection in transaction.collections.items():
        if (query := _select_by_fate(collection, "removed", project_id, chip_id)) is not None:
            transaction.delete(name, query)
    transaction.delete("chip", where)


def _select_by_fate(
    collection: Collection, fate: ChipFate, project_id: str, chip_id: str
) -> dict[str, str] | None:
    """Return the query for the documents of a chip that have a fate if it is deleted, or None for no documents."""
    if collection.with_chip not in (fate, "own"):
        return None
    own = {"with_chip": fate} if collection.with_chip == "own" else {}
    return {"project_id": project_id, "chip_id": chip_id, **own}
