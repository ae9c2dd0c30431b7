"""From the names of a request to what flows are made of: calibration, targets and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.flows.service import CalibService
from qdash_core.flows.single import OneTarget
from qdash_core.flows.steps import ConfigureAll, CustomOneQubit, CustomTwoQubit
from qdash_core.flows.targets import targets_of
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime import Runtime


def steps_of(name: str, registry: Registry, catalogue: Catalogue) -> Sequence[Step]:
    """Return the steps of the flow called `name`, or the one step of the task of that name or alias.

    Raises
    ------
    NotFoundError
        If there is neither, or the backend of the catalogue lacks what the task requires.
    """
    flows = registry.flows()
    if name in flows:
        return flows[name].steps
    try:
        task = catalogue.task(name)
    except NotFoundError as error:
        if catalogue.known(name) is not None:
            raise
        known = ", ".join(sorted(flows)) or "none is installed"
        hint = _other_case(name, [*flows, *(task for _, task in registry.tasks())])
        raise NotFoundError(f"there is no flow or task {name!r}{hint} (flows: {known}): {error}") from error
    match task.task_type:
        case "coupling":
            return [CustomTwoQubit([task.name])]
        case "global" | "system":
            return [ConfigureAll((task.name,))]
        case _:
            return [CustomOneQubit([task.name])]


def _other_case(name: str, known: Iterable[str]) -> str:
    same = [one for one in known if one.casefold() == name.casefold()]
    return f"; did you mean {same[0]!r}?" if same else ""


def prepared(
    runtime: Runtime, request: RunRequest, role: ProjectRole = ProjectRole.EDITOR
) -> tuple[CalibService, Targets, Sequence[Step]]:
    """Return the calibration that is asked for, on what, and its steps, found by name.

    Parameters
    ----------
    runtime : Runtime
        Where.
    request : RunRequest
        What is asked for.
    role : ProjectRole
        What the user is to be at least: who only looks at a plan need not be an editor.

    Raises
    ------
    AccessDeniedError
        If the user is not.
    InvalidInputError
        If something that is named does not exist.
    """
    if request.chip_id is None:
        raise InvalidInputError(f"flow {request.flow!r} needs a chip")
    project_id = runtime.access(request.username, request.project_id, role).project_id
    chip = runtime.chip_record.show(project_id, request.chip_id)
    backend = request.backend_name or chip.header.backend
    catalogue = runtime.catalogue(project_id, request.chip_id, backend_name=backend)
    steps = steps_of(request.flow, runtime.registry, catalogue)
    if request.parameters:
        raise InvalidInputError(
            f"flow {request.flow!r} takes no parameter {next(iter(request.parameters))!r}: run parameters of its tasks are "
            "given with --set, parameters are for functions of one's own"
        )
    calibration = CalibService(
        request.username,
        request.chip_id,
        project_id=project_id,
        flow_name=request.flow,
        tags=request.tags,
        default_run_parameters=request.run_parameters,
        backend_name=backend,
        saved=request.saved,
        qdash=runtime,
    )
    targets = targets_of(request.targets) if request.single is None else OneTarget(request.single)
    return calibration, targets, steps
