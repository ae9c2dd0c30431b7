"""Repository of releases and their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.models.release import ReleaseModel, ReleaseTargetModel
from qdash_core.models.targets import by_number
from qdash_core.repositories.base import Repository
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.chip import CouplingModel, QubitModel


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
        found = self._find({"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    def list_targets(self, project_id: str, chip_id: str, name: str) -> list[QubitModel | CouplingModel]:
        """Return the qubits and couplings of a release, by number."""
        return self.make_sibling(ReleaseTargetRepository).list_states(project_id, chip_id, name)

    def add(self, release: ReleaseModel, targets: Iterable[QubitModel | CouplingModel]) -> None:
        """Add a release with its targets in one transaction; ConflictError if the name is taken."""
        where = {"project_id": release.project_id, "chip_id": release.chip_id, "name": release.name}
        with self._open_transaction() as transaction:
            try:
                transaction.insert(self.collection, release.to_document())
            except ConflictError:
                raise ConflictError(
                    f"chip {release.chip_id} has a release {release.name} already, which cannot change: choose another name"
                ) from None
            for target in targets:
                part = ReleaseTargetModel(**where, qid=target.qid, state=target)
                transaction.insert(ReleaseTargetRepository.collection, part.to_document())

    def delete(self, project_id: str, chip_id: str, name: str) -> None:
        """Remove a release with its targets."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name}
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, where)
            transaction.delete(ReleaseTargetRepository.collection, where)


class ReleaseTargetRepository(Repository[ReleaseTargetModel]):
    """Qubits and couplings of releases."""

    collection = "release_target"
    model = ReleaseTargetModel

    def list_states(self, project_id: str, chip_id: str, name: str) -> list[QubitModel | CouplingModel]:
        """Return the qubits and couplings of a release, by number."""
        found = self._find({"project_id": project_id, "chip_id": chip_id, "name": name})
        return sorted((one.state for one in found), key=lambda one: ("-" in one.qid, by_number(one.qid)))
