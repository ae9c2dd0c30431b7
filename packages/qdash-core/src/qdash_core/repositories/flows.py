"""Registered flows and their versions."""

from __future__ import annotations

from qdash_core.models.flow import FlowModel, FlowVersionModel
from qdash_core.repositories.base import Repository


class FlowRepository(Repository[FlowModel]):
    """Flows by project and name."""

    collection = "flows"
    model = FlowModel

    def find(self, project_id: str, name: str) -> FlowModel | None:
        """Return the flow, or None."""
        return self._get((project_id, name))

    def of_project(self, project_id: str) -> list[FlowModel]:
        """Return the flows of a project, newest first."""
        return self._find({"project_id": project_id}, order=("-created_at",))

    def put(self, flow: FlowModel) -> None:
        """Write a flow as it is now, and keep it as a version."""
        with self._writing() as transaction:
            transaction.put(self.collection, flow.document())
            transaction.insert(FlowVersionRepository.collection, flow.document())

    def remove(self, flow: FlowModel) -> None:
        """Remove a flow. Its versions stay."""
        with self._writing() as transaction:
            transaction.delete(self.collection, {"project_id": flow.project_id, "name": flow.name})


class FlowVersionRepository(Repository[FlowVersionModel]):
    """Every version of every flow, also of those that are gone."""

    collection = "flow_version"
    model = FlowVersionModel

    def of_flow(self, project_id: str, name: str) -> list[FlowVersionModel]:
        """Return the versions of a flow, newest first."""
        return self._find({"project_id": project_id, "name": name}, order=("-version",))
