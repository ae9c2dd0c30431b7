"""Repositories of registered flows and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.flows.model import FlowModel, FlowVersionModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.pages import Page, PageRequest


class FlowRepository(Repository[FlowModel]):
    """Flows by project and name."""

    collection = "flows"
    model = FlowModel

    def find(self, project_id: str, name: str) -> FlowModel | None:
        """Return the flow, or None."""
        return self._get((project_id, name))

    def list_by_project(self, project_id: str) -> list[FlowModel]:
        """Return the flows of a project, newest first."""
        return self.select({"project_id": project_id}, order=("-created_at",))

    def put(self, flow: FlowModel, source: str = "") -> None:
        """Update a flow, and store it as a version with its source."""
        version = FlowVersionModel(**dict(flow), source=source)
        with self._open_transaction() as transaction:
            transaction.put(self.collection, flow.to_document())
            transaction.insert(FlowVersionRepository.collection, version.to_document())

    def record_deployment(self, project_id: str, name: str, deployment_id: str) -> None:
        """Record the deployment of a flow in Prefect, which is no change of the flow. Has no effect without the flow."""
        with self._open_transaction() as transaction:
            found = transaction.get(self.collection, (project_id, name))
            if found is not None:
                transaction.put(self.collection, {**found, "deployment_id": deployment_id})

    def remove(self, flow: FlowModel, *, by: str, at: datetime) -> None:
        """Remove a flow. Its versions stay, and the newest one names the user and the time."""
        key = (flow.project_id, flow.name, flow.version)
        with self._open_transaction() as transaction:
            transaction.delete(self.collection, {"project_id": flow.project_id, "name": flow.name})
            newest = transaction.get(FlowVersionRepository.collection, key)
            if newest is not None:
                deleted = {"deleted_by": by, "deleted_at": at}
                transaction.put(FlowVersionRepository.collection, {**newest, **deleted})


class FlowVersionRepository(Repository[FlowVersionModel]):
    """All versions of flows, including deleted flows."""

    collection = "flow_version"
    model = FlowVersionModel

    def find(self, project_id: str, name: str, version: int) -> FlowVersionModel | None:
        """Return a version of a flow, or None."""
        return self._get((project_id, name, version))

    def get_flow_page(self, project_id: str, name: str, request: PageRequest) -> Page[FlowVersionModel]:
        """Return a page of the versions of a flow, newest first."""
        return self._page({"project_id": project_id, "name": name}, request, order=("-version",))

    def list_newest(self, project_id: str) -> list[FlowVersionModel]:
        """Return the newest version of each flow of a project, from the last name to the first."""
        newest: list[FlowVersionModel] = []
        where: dict[str, object] = {"project_id": project_id}
        with self._open_snapshot() as snapshot:
            while found := snapshot.find(self.collection, where, order=("-name", "-version"), limit=1):
                newest += map(self._load, found)
                where["name"] = Range(below=newest[-1].name)
        return newest
