"""Repository of releases and their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.values.release import (
    NamedReleaseTarget,
    ReleasedTarget,
    ReleaseModel,
    ReleaseTargetModel,
)
from qdash_core.errors import ConflictError, NotFoundError, StoreError
from qdash_core.models.provenance import iter_release_edges, name_release
from qdash_core.models.targets import by_number
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.base import Repository
from qdash_core.repositories.documents import TypedDocument
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.models.chip import CouplingModel, QubitModel

_MOST_NAMED = 2000
"""Largest number of targets that a query names; for more it reads all."""


class ReleaseRepository(Repository[ReleaseModel]):
    """Releases by chip and name, with their targets."""

    collection = "release"
    model = ReleaseModel

    def find(self, project_id: str, chip_id: str, name: str) -> ReleaseModel | None:
        """Return the header of a release, or None."""
        return self._get((project_id, chip_id, name))

    def require(self, project_id: str, chip_id: str, name: str) -> ReleaseModel:
        """Return the header of a release; NotFoundError with the known releases if there is none."""
        found = self.find(project_id, chip_id, name)
        if found is None:
            known = [one.name for one in self.list_by_chip(project_id, chip_id)]
            raise NotFoundError(
                f"chip {chip_id} has no release {name!r}{suggest(name, known)} (known: {', '.join(known[:10]) or 'none yet'})"
            )
        return found

    def list_by_chip(self, project_id: str, chip_id: str) -> list[ReleaseModel]:
        """Return the headers of the releases of a chip, newest first."""
        found = self.select({"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    def add(self, release: ReleaseModel) -> ReleaseModel:
        """Add a release with the present targets of its chip in one transaction, and return it with their numbers.

        Raises
        ------
        ConflictError
            If the name is taken.
        """
        where = {"project_id": release.project_id, "chip_id": release.chip_id}
        with self._open_transaction() as transaction:
            found = {kind: transaction.find(kind, where) for kind in ("qubit", "coupling")}
            states = [*found["qubit"], *found["coupling"]]
            numbers = {
                "n_qubits": len(found["qubit"]),
                "n_couplings": len(found["coupling"]),
                "n_values": sum(len(state.get("data", {})) for state in states),
            }
            added = release.model_copy(update=numbers)
            try:
                transaction.insert(self.collection, added.to_document())
            except ConflictError:
                raise ConflictError(
                    f"chip {release.chip_id} has a release {release.name} already, which cannot change: choose another name"
                ) from None
            shared = {
                **_select(release),
                "created_at": release.created_at,
                "updated_at": release.created_at,
            }
            for state in states:
                # The header is new: no store needs to look for another part with the key.
                part = TypedDocument({**shared, "qid": state["qid"], "state": state})
                transaction.put(ReleaseTargetRepository.collection, part)
            edges = iter_release_edges(added.project_id, added.chip_id, added.name, added.created_at, states)
            ProvenanceRepository(transaction).add(edges)
        return added

    def delete(self, project_id: str, chip_id: str, name: str) -> None:
        """Remove a release with its targets."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name}
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, where)
            transaction.delete(ReleaseTargetRepository.collection, where)
            ProvenanceRepository(transaction).delete(project_id, name_release(chip_id, name))


class ReleaseTargetRepository(Repository[ReleaseTargetModel]):
    """Qubits and couplings of releases."""

    collection = "release_target"
    model = ReleaseTargetModel

    def list_states(self, release: ReleaseModel) -> list[QubitModel | CouplingModel]:
        """Return the qubits and couplings of a release, by number; StoreError if one is missing."""
        self._require_complete(release)
        found = self.select(_select(release))
        return sorted((one.state for one in found), key=lambda one: ("-" in one.qid, by_number(one.qid)))

    def list_values(self, release: ReleaseModel, targets: Collection[str]) -> list[ReleasedTarget]:
        """Return the values of some qubits and couplings of a release; StoreError if one of the release is missing."""
        self._require_complete(release)
        where = _select(release)
        if len(targets) <= _MOST_NAMED:
            where["qid"] = OneOf(tuple(targets))
        return self.select_as(ReleasedTarget, where)

    def list_by_name(
        self, project_id: str, chip_id: str, names: Collection[str], qid: str
    ) -> list[NamedReleaseTarget]:
        """Return the values of a qubit or coupling in each of these releases of its chip."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": OneOf(tuple(names)), "qid": qid}
        return self.select_as(NamedReleaseTarget, where)

    def _require_complete(self, release: ReleaseModel) -> None:
        wanted = release.n_qubits + release.n_couplings
        with self._open_snapshot() as snapshot:
            found = snapshot.count(self.collection, _select(release))
        if found != wanted:
            raise StoreError(
                f"release {release.name} of chip {release.chip_id} is damaged: {found} of its {wanted} qubits and couplings are "
                "there; restore a backup"
            )


def _select(release: ReleaseModel) -> dict[str, Any]:
    return {"project_id": release.project_id, "chip_id": release.chip_id, "name": release.name}
