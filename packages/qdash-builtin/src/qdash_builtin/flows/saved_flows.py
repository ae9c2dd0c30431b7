"""Saved flows with all their versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.flows.flow_sources import check_source, report_source
from qdash_builtin.flows.model import FlowModel
from qdash_builtin.flows.repository import FlowRepository, FlowVersionRepository
from qdash_core.access.checks import require_administrator
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.base import NEVER, refuse_stale
from qdash_core.models.ids import check_tag
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from qdash_builtin.flows.flow_sources import CheckedSource, SourceReport
    from qdash_builtin.flows.model import FlowVersionModel
    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page
    from qdash_core.repositories.store import Store


_SAVED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class SavedFlows:
    """Saved flows of one store.

    Parameters
    ----------
    is_installed : callable
        Returns whether a plugin provides a flow or task of this name.
    authors : str
        Who may save, restore and delete flows, `administrators` or `editors` of the project.
    """

    def __init__(
        self,
        store: Store,
        *,
        is_installed: Callable[[str], bool] = lambda _name: False,
        list_tasks: Callable[[], Collection[str]] = frozenset,
        authors: Literal["administrators", "editors"] = "administrators",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._is_installed = is_installed
        self._list_tasks = list_tasks
        self._authors = authors
        self._clock = clock

    def show(self, access: Access, name: str) -> FlowModel:
        """Return a flow; NotFoundError, with the existing flows, if there is none."""
        with self._store.read() as snapshot:
            return require_flow(Repositories(snapshot), access.project_id, name)

    def list_deleted(self, access: Access) -> list[FlowVersionModel]:
        """Return the newest versions of the deleted flows of a project, last deleted first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            present = {one.name for one in repositories.of(FlowRepository).list_by_project(access.project_id)}
            newest = repositories.of(FlowVersionRepository).list_newest(access.project_id)
        deleted = [one for one in reversed(newest) if one.name not in present]
        return sorted(deleted, key=lambda one: one.deleted_at or NEVER, reverse=True)

    def get_deleted(self, access: Access, name: str) -> FlowVersionModel:
        """Return the newest version of a deleted flow; NotFoundError, with the deleted flows, if there is none."""
        deleted = {one.name: one for one in self.list_deleted(access)}
        if name not in deleted:
            raise NotFoundError(
                f"project {access.project_id} has no deleted flow {name!r}{suggest(name, deleted)} "
                f"(deleted: {', '.join(deleted) or 'none'})"
            )
        return deleted[name]

    def list_by_project(self, access: Access) -> list[FlowModel]:
        """Return the flows of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(FlowRepository).list_by_project(access.project_id)

    def get_version(self, access: Access, name: str, number: int | None = None) -> FlowVersionModel:
        """Return a version of a flow, with its source, by default the newest; NotFoundError if there is none."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            wanted = number or require_flow(repositories, access.project_id, name).version
            found = repositories.of(FlowVersionRepository).find(access.project_id, name, wanted)
        if found is None:
            raise NotFoundError(
                f"flow {name!r} of project {access.project_id} has no version {wanted}: `qdash flow versions {name}` lists them"
            )
        return found

    def get_versions_page(self, access: Access, name: str, request: PageRequest) -> Page[FlowVersionModel]:
        """Return a page of the versions of a flow, newest first, even if it was deleted."""
        with self._store.read() as snapshot:
            return (
                Repositories(snapshot)
                .of(FlowVersionRepository)
                .get_flow_page(access.project_id, name, request)
            )

    def check_source(self, access: Access, source: str, function: str | None = None) -> CheckedSource:
        """Return the entry function and parameters of a source, without running or storing it.

        Raises
        ------
        InvalidInputError
            If it is too long, not Python, has no such function, or uses names of QDash that do not exist; the message names the line.
        """
        access.require(ProjectRole.VIEWER)
        return check_source(source, function, names=True)

    def report_source(self, access: Access, source: str, function: str | None = None) -> SourceReport:
        """Return all problems of a source with their lines, without running or storing it."""
        access.require(ProjectRole.VIEWER)
        return report_source(source, function, tasks=self._list_tasks())

    def find_save_obstacle(self, access: Access) -> str | None:
        """Return the reason why the user may not save, restore and delete flows in the project, or None."""
        try:
            self._require_author(access)
        except AccessDeniedError as error:
            return str(error)
        return None

    def restore(
        self, access: Access, name: str, number: int | None = None, *, as_of: datetime | None = None
    ) -> FlowModel:
        """Save the source of an earlier version, with its description, function, tags and chip, as the next version.

        `number` is the version, or None for the newest one of a deleted flow. The errors are those of `get_version`, `get_deleted` and
        `save`; InvalidInputError also if the version was kept without its source, or none is given and the flow is not deleted.
        """
        self._require_author(access)
        if number is not None:
            found = self.get_version(access, name, number)
        elif name in {one.name for one in self.list_by_project(access)}:
            raise InvalidInputError(
                f"flow {name!r} is not deleted: name the version to restore; `qdash flow versions {name}` lists them"
            )
        else:
            found = self.get_deleted(access, name)
        if not found.source:
            raise InvalidInputError(f"version {found.version} of flow {name!r} was kept without its source")
        return self.save(
            access,
            name,
            found.source,
            function=found.flow_function_name,
            chip_id=found.chip_id,
            description=found.description,
            tags=found.tags,
            as_of=as_of,
        )

    def save(
        self,
        access: Access,
        name: str,
        source: str,
        *,
        function: str | None = None,
        chip_id: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        as_of: datetime | None = None,
    ) -> FlowModel:
        """Save a source as the next version of a flow, without running it.

        An unchanged source makes no new version.

        Parameters
        ----------
        function : str or None
            The function to call, or None for the only public one, or `main`.
        chip_id : str
            The chip that it is for, or empty if each run names one.
        description : str
            Description, or empty for the first line of the function's docstring.
        as_of : datetime or None
            `updated_at` of the flow that is replaced, `NEVER` if there must be none, or None for any.

        Raises
        ------
        AccessDeniedError
            If the user may not save flows.
        InvalidInputError, NotFoundError
            If name, source or tags are invalid, or there is no such chip.
        ConflictError
            If a plugin provides a flow or task of that name.
        StaleError
            If it was changed since `as_of`.
        """
        self._require_author(access)
        self._require_free(name)
        for tag in tags:
            check_tag(tag)
        checked = check_source(source, function, names=True)
        fields: dict[str, Any] = {
            "chip_id": chip_id,
            "description": description or checked.description,
            "flow_function_name": checked.function,
            "form": checked.form,
            "sha256": checked.sha256,
            "tags": list(tags),
        }
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if chip_id:
                repositories.of(ChipRepository).require(access.project_id, chip_id)
            before = repositories.of(FlowRepository).find(access.project_id, name)
            refuse_stale(f"flow {name!r}", NEVER if before is None else before.updated_at, as_of)
            if before is not None and all(getattr(before, key) == value for key, value in fields.items()):
                return before
            now = self._clock()
            begun = before or FlowModel(
                project_id=access.project_id,
                name=name,
                username=access.username,
                file_path="",
                created_at=now,
                updated_at=now,
                **fields,
            )
            version = _get_next_version(repositories, access.project_id, name)
            path = f"{access.project_id}/{name}/{version}-{checked.sha256[:8]}.py"
            flow = begun.with_validated_changes(
                {
                    **fields,
                    "default_parameters": checked.form.defaults,
                    "file_path": path,
                    "version": version,
                    "username": access.username,
                },
                {*fields, "default_parameters", "file_path", "version", "username"},
                now=now,
            )
            repositories.of(FlowRepository).put(flow, source)
        return flow

    def _require_author(self, access: Access) -> None:
        """Raise AccessDeniedError unless the user may save and delete flows, which run with all rights of a worker."""
        access.require(ProjectRole.EDITOR)
        if self._authors == "editors":
            return
        with self._store.read() as snapshot:
            try:
                require_administrator(Repositories(snapshot), access.username)
            except AccessDeniedError as error:
                raise AccessDeniedError(
                    "a worker runs saved flows with all its rights, so administrators save, restore and delete them: ask one, who may also "
                    "set QDASH_FLOW_AUTHORS=editors"
                ) from error

    def _require_free(self, name: str) -> None:
        if not _SAVED.fullmatch(name):
            raise InvalidInputError(
                f"{name!r} is not the name of a saved flow: up to 64 letters, digits, '-' and '_', beginning with a letter or digit"
            )
        if self._is_installed(name):
            raise ConflictError(f"{name!r} is a flow or a task of a plugin: save yours under another name")

    def delete(self, access: Access, name: str) -> FlowModel:
        """Remove a flow from the list, and return it. Its versions stay, so that `restore` can save it again.

        Raises
        ------
        AccessDeniedError
            If the user may not save flows.
        NotFoundError
            If there is none.
        """
        self._require_author(access)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            flow = require_flow(repositories, access.project_id, name)
            repositories.of(FlowRepository).remove(flow, by=access.username, at=self._clock())
        return flow


def _get_next_version(repositories: Repositories, project_id: str, name: str) -> int:
    """Return the next version number, counting versions of a deleted flow of the same name."""
    newest = (
        repositories.of(FlowVersionRepository).get_flow_page(project_id, name, PageRequest(limit=1)).items
    )
    return newest[0].version + 1 if newest else 1


def require_flow(repositories: Repositories, project_id: str, name: str) -> FlowModel:
    """Return a flow; NotFoundError, with the existing flows, if there is none."""
    flow = repositories.of(FlowRepository).find(project_id, name)
    if flow is None:
        known = [other.name for other in repositories.of(FlowRepository).list_by_project(project_id)]
        raise NotFoundError(
            f"there is no flow {name!r} in project {project_id}{suggest(name, known)} (known: {', '.join(known) or 'none yet'})"
        )
    return flow
