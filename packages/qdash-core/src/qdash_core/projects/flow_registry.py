"""The flows that users wrote: registered with where their code lies, and every version kept."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.base import as_json, utc_now
from qdash_core.models.flow import FlowModel
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.flow import FlowVersionModel
    from qdash_core.repositories.store import Store

_EDITABLE = frozenset(
    {
        "chip_id",
        "default_parameters",
        "deployment_id",
        "description",
        "file_path",
        "flow_function_name",
        "tags",
    }
)
_LONGEST_NAME = 128


class FlowRegistry:
    """Registered flows of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        access: Access,
        name: str,
        *,
        chip_id: str,
        flow_function_name: str,
        file_path: str,
        **fields: Any,
    ) -> FlowModel:
        """Register a flow.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        name : str
            Under which name.
        chip_id : str
            The chip that it is for.
        flow_function_name : str
            The function that begins it.
        file_path : str
            The Python file, relative to the folder of flows and within it.
        **fields
            As in `FlowModel`: default_parameters, deployment_id, description, tags.

        Raises
        ------
        InvalidInputError, ConflictError
            If the name, the path or a field cannot be, or the name is taken.
        """
        access.require(ProjectRole.EDITOR)
        if not name or name != name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise InvalidInputError(
                f"{name!r} is not the name of a flow: up to {_LONGEST_NAME} characters, without spaces around them"
            )
        now = self._clock()
        flow = FlowModel(
            project_id=access.project_id,
            name=name,
            username=access.username,
            chip_id=chip_id,
            flow_function_name=flow_function_name,
            file_path=file_path,
            created_at=now,
        ).changed(fields, _EDITABLE, now=now)
        _check(flow)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if repositories.flows.find(access.project_id, name) is not None:
                raise ConflictError(f"flow {name!r} exists already in project {access.project_id}: update it")
            earlier = repositories.flow_versions.of_flow(access.project_id, name)  # of one that was deleted
            flow.version = earlier[0].version + 1 if earlier else 1
            repositories.flows.put(flow)
        return flow

    def update(self, access: Access, name: str, **fields: Any) -> FlowModel:
        """Change fields of a flow, as its next version; those that are not named stay.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such flow, or a field cannot be.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            flow = _required(repositories, access.project_id, name).changed(
                fields, _EDITABLE, now=self._clock()
            )
            _check(flow)
            flow.version += 1
            repositories.flows.put(flow)
        return flow

    def show(self, access: Access, name: str) -> FlowModel:
        """Return a flow; NotFoundError, naming those there are, when there is none."""
        with self._store.read() as snapshot:
            return _required(Repositories(snapshot), access.project_id, name)

    def of_project(self, access: Access) -> list[FlowModel]:
        """Return the flows of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).flows.of_project(access.project_id)

    def versions(self, access: Access, name: str) -> list[FlowVersionModel]:
        """Return every version of a flow, newest first, also when it has been deleted."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).flow_versions.of_flow(access.project_id, name)

    def delete(self, access: Access, name: str) -> None:
        """Remove a flow from the list; its versions stay. NotFoundError when there is none."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.flows.remove(_required(repositories, access.project_id, name))


def _required(repositories: Repositories, project_id: str, name: str) -> FlowModel:
    flow = repositories.flows.find(project_id, name)
    if flow is None:
        known = ", ".join(other.name for other in repositories.flows.of_project(project_id)) or "none yet"
        raise NotFoundError(f"there is no flow {name!r} in project {project_id} (known: {known})")
    return flow


def _check(flow: FlowModel) -> None:
    if not flow.flow_function_name.isidentifier():
        raise InvalidInputError(
            f"flow_function_name {flow.flow_function_name!r} is not the name of a function"
        )
    path = PurePosixPath(flow.file_path)
    outside = path.is_absolute() or ".." in path.parts or not flow.file_path.isprintable()
    if outside or "\\" in flow.file_path or ":" in flow.file_path or path.suffix != ".py":
        raise InvalidInputError(
            f"file_path {flow.file_path!r} is not a Python file within the folder of flows: write it as in 'alice/night.py'"
        )
    try:
        as_json(flow.default_parameters)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"default_parameters cannot be kept: {error}") from error
