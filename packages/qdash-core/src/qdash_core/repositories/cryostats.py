"""Repositories of cryostats and cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.cryostat import CooldownModel, CryostatModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Has

if TYPE_CHECKING:
    from qdash_core.models.pages import Page, PageRequest


class CryostatRepository(Repository[CryostatModel]):
    """Cryostats by project and id."""

    collection = "cryostat"
    model = CryostatModel

    def find(self, project_id: str, cryo_id: str) -> CryostatModel | None:
        """Return the cryostat, or None."""
        return self._get((project_id, cryo_id))

    def require(self, project_id: str, cryo_id: str) -> CryostatModel:
        """Return the cryostat; NotFoundError with the known cryostats if there is none."""
        cryostat = self.find(project_id, cryo_id)
        if cryostat is None:
            known = ", ".join(other.cryo_id for other in self.list_by_project(project_id)) or "none yet"
            raise NotFoundError(f"there is no cryostat {cryo_id!r} in project {project_id} (known: {known})")
        return cryostat

    def list_by_project(self, project_id: str) -> list[CryostatModel]:
        """Return the cryostats of a project, by id."""
        return self._find({"project_id": project_id})

    def page(self, project_id: str, request: PageRequest) -> Page[CryostatModel]:
        """Return a page of the cryostats of a project, by id."""
        return self._page({"project_id": project_id}, request)

    def add(self, cryostat: CryostatModel) -> None:
        """Add a new cryostat; ConflictError when the id is taken in its project."""
        self._insert(cryostat)

    def put(self, cryostat: CryostatModel) -> None:
        """Update a cryostat."""
        self._put(cryostat)

    def remove(self, cryostat: CryostatModel) -> None:
        """Remove a cryostat."""
        with self._open_transaction() as transaction:
            transaction.delete(
                self.collection, {"project_id": cryostat.project_id, "cryo_id": cryostat.cryo_id}
            )


class CooldownRepository(Repository[CooldownModel]):
    """Cool-downs by project and id."""

    collection = "cooldown"
    model = CooldownModel

    def find(self, project_id: str, cooldown_id: str) -> CooldownModel | None:
        """Return the cool-down, or None."""
        return self._get((project_id, cooldown_id))

    def require(self, project_id: str, cooldown_id: str) -> CooldownModel:
        """Return the cool-down; NotFoundError with the known cool-downs if there is none."""
        cooldown = self.find(project_id, cooldown_id)
        if cooldown is None:
            known = ", ".join(other.cooldown_id for other in self.list_by_project(project_id)) or "none yet"
            raise NotFoundError(
                f"there is no cool-down {cooldown_id!r} in project {project_id} (known: {known})"
            )
        return cooldown

    def list_by_project(self, project_id: str) -> list[CooldownModel]:
        """Return the cool-downs of a project, newest first."""
        return self._find({"project_id": project_id}, order=("-started_at",))

    def list_by_cryostat(self, project_id: str, cryo_id: str) -> list[CooldownModel]:
        """Return the cool-downs of a cryostat, newest first."""
        return self._find({"project_id": project_id, "cryo_id": cryo_id}, order=("-started_at",))

    def list_by_chip(self, project_id: str, chip_id: str) -> list[CooldownModel]:
        """Return the cool-downs that a chip is or was loaded in, newest first."""
        return self._find({"project_id": project_id, "chip_ids": Has(chip_id)}, order=("-started_at",))

    def page(
        self,
        project_id: str,
        request: PageRequest,
        *,
        cryo_id: str | None = None,
        chip_id: str | None = None,
    ) -> Page[CooldownModel]:
        """Return a page of the cool-downs of a project, newest first: all, or those of one cryostat or chip."""
        where: dict[str, object] = {"project_id": project_id}
        where |= {} if cryo_id is None else {"cryo_id": cryo_id}
        where |= {} if chip_id is None else {"chip_ids": Has(chip_id)}
        return self._page(where, request, order=("-started_at",))

    def add(self, cooldown: CooldownModel) -> None:
        """Add a new cool-down; ConflictError when the id is taken in its project."""
        self._insert(cooldown)

    def put(self, cooldown: CooldownModel) -> None:
        """Update a cool-down."""
        self._put(cooldown)

    def remove(self, cooldown: CooldownModel) -> None:
        """Remove a cool-down."""
        with self._open_transaction() as transaction:
            transaction.delete(
                self.collection, {"project_id": cooldown.project_id, "cooldown_id": cooldown.cooldown_id}
            )
