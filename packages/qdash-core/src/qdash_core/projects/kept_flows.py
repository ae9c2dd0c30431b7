"""The flows that users wrote, with every version: looked at, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.flow import FlowModel, FlowVersionModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class KeptFlows:
    """Flows of one store that users wrote.

    Parameters
    ----------
    store : Store
        Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def show(self, access: Access, name: str) -> FlowModel:
        """Return a flow; NotFoundError, naming those there are, when there is none."""
        with self._store.read() as snapshot:
            return required(Repositories(snapshot), access.project_id, name)

    def of_project(self, access: Access) -> list[FlowModel]:
        """Return the flows of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).flows.of_project(access.project_id)

    def version(self, access: Access, name: str, number: int | None = None) -> FlowVersionModel:
        """Return a version of a flow, with its source; None: the newest one. NotFoundError when there is none."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            wanted = number or required(repositories, access.project_id, name).version
            found = repositories.flow_versions.find(access.project_id, name, wanted)
        if found is None:
            raise NotFoundError(
                f"flow {name!r} of project {access.project_id} has no version {wanted}: `qdash flow versions {name}` lists them"
            )
        return found

    def page_of_versions(self, access: Access, name: str, request: PageRequest) -> Page[FlowVersionModel]:
        """Return a page of the versions of a flow, newest first, also when it has been deleted."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).flow_versions.page_of_flow(access.project_id, name, request)

    def versions(self, access: Access, name: str) -> list[FlowVersionModel]:
        """Return every version of a flow, newest first, also when it has been deleted."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).flow_versions.of_flow(access.project_id, name)


def required(repositories: Repositories, project_id: str, name: str) -> FlowModel:
    """Return a flow; NotFoundError, naming those there are, when there is none."""
    flow = repositories.flows.find(project_id, name)
    if flow is None:
        known = ", ".join(other.name for other in repositories.flows.of_project(project_id)) or "none yet"
        raise NotFoundError(f"there is no flow {name!r} in project {project_id} (known: {known})")
    return flow
