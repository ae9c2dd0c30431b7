"""Catalogue of flows: installed and saved flows by name, and the source files of saved ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.flows.flow_sources import require_accepted_parameters
from qdash_builtin.flows.repository import FlowRepository, FlowVersionRepository
from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import InvalidInputError, NotFoundError, StoreError

if TYPE_CHECKING:
    from qdash_builtin.flows.model import FlowVersionModel
    from qdash_builtin.flows.saved_flows import SavedFlows
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime

FOLDER = "flows"
"""Folder below the home for sources of saved flows, written by the processes that run them."""


def find_flow(
    access: Access, name: str, *, registry: Registry, saved: SavedFlows
) -> FlowTemplate | FlowVersionModel:
    """Return the flow with this name: that of a plugin, otherwise the newest version of a saved one.

    Raises
    ------
    NotFoundError
        If there is none; the message names the saved flows.
    """
    return registry.flows().get(name) or saved.get_version(access, name)


def is_installed(name: str, registry: Registry) -> bool:
    """Return whether a plugin provides a flow or a task with this name or alias."""
    return name in registry.flows() or any(
        name in (task.name, *task.aliases) for task in registry.tasks().values()
    )


def pin_version(runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest | None:
    """Return a request with the version of its saved flow, or None for any other request. Nothing is imported.

    Raises
    ------
    NotFoundError
        If the version does not exist.
    """
    if request.flow_version is None:
        if request.single is not None or is_installed(request.flow, runtime.registry):
            return None
        newest = runtime.repositories.of(FlowRepository).find(project_id, request.flow)
        if newest is None or not newest.sha256:
            return None
        request = request.model_copy(update={"flow_version": newest.version})
    saved = require_saved(runtime, project_id, request)
    return request.model_copy(update={"chip_id": request.chip_id or saved.chip_id or None})


def check_saved_flow(runtime: Runtime, project_id: str, request: RunRequest) -> None:
    """Check that the function of a saved flow accepts the parameters of a request.

    Raises
    ------
    InvalidInputError
        If a parameter is unknown or missing.
    """
    saved = require_saved(runtime, project_id, request)
    assert saved.form is not None
    known = {"username", "project_id", "flow_name", "tags"}
    known |= {"chip_id"} if request.chip_id is not None else set()
    known |= {"qids"} if request.targets.qubits is not None else set()
    require_accepted_parameters(
        make_versioned_name(request), saved.form, request.parameters, frozenset(known)
    )


def write_source(runtime: Runtime, project_id: str, request: RunRequest) -> str:
    """Write the source of a saved flow below the home unless it exists, and return its location as `FILE.py:function`.

    Raises
    ------
    NotFoundError
        If the version does not exist.
    StoreError
        If the file cannot be written.
    """
    saved = require_saved(runtime, project_id, request)
    root = runtime.settings.home / FOLDER
    path = root / project_id / saved.name / f"{saved.version}-{saved.sha256[:8]}.py"
    if not path.resolve().is_relative_to(root.resolve()):
        raise InvalidInputError(f"project {project_id!r} and flow {saved.name!r} cannot be names of folders")
    source = saved.source.encode()
    try:
        if not path.is_file() or path.read_bytes() != source:
            write_atomically(path, lambda file: file.write(source))
    except OSError as error:
        raise StoreError(f"the source of flow {saved.name!r} cannot be written: {error}") from error
    return f"{path}:{saved.flow_function_name}"


def make_versioned_name(request: RunRequest) -> str:
    """Return the name of the saved flow of a request, with its version."""
    return f"{request.flow} (version {request.flow_version})"


def require_saved(runtime: Runtime, project_id: str, request: RunRequest) -> FlowVersionModel:
    """Return the version of the saved flow of a request; raise NotFoundError or InvalidInputError if it or its source is missing."""
    assert request.flow_version is not None
    found = runtime.repositories.of(FlowVersionRepository).find(
        project_id, request.flow, request.flow_version
    )
    if found is None:
        raise NotFoundError(
            f"project {project_id} has no flow {request.flow!r} of version {request.flow_version}: "
            f"`qdash flow versions {request.flow}` lists those there are"
        )
    if not found.sha256:
        raise InvalidInputError(f"version {found.version} of flow {found.name!r} was kept without its source")
    return found
