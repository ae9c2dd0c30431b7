"""Preparation of runs from their requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import (
    InvalidInputError,
    NotFoundError,
)
from qdash_core.flows.service import CalibService
from qdash_core.flows.steps import ConfigureAll, CustomOneQubit, CustomTwoQubit, FilterByCondition
from qdash_core.flows.targets import OneTarget, make_targets
from qdash_core.flows.task_selection import find_usual_tasks
from qdash_core.judgement.conditions import parse_conditions
from qdash_core.models.estimates import Parameter
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import select_last_attempts
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.chips import ChipRepository
from qdash_core.session.running_flow import RESUME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime


def require_request(execution: ExecutionModel) -> RunRequest:
    """Return the request of an execution; raise InvalidInputError if it has none: then its own program must run again."""
    if execution.request is None:
        raise InvalidInputError(
            f"execution {execution.execution_id} was not begun by a runner: run its program again, as in "
            f"`{RESUME_VARIABLE}={execution.execution_id} python my_flow.py`"
        )
    return execution.request


def check_conditions(request: RunRequest) -> tuple[str, ...]:
    """Return the conditions of a request; InvalidInputError if one is unknown or the request cannot have any."""
    conditions = tuple(map(str, parse_conditions(request.only)))
    for given, why in (
        (
            request.is_user_flow,
            f"{request.flow} chooses its targets itself: use the step FilterByCondition in it",
        ),
        (request.since is not None, f"execution {request.since} selects the tasks already"),
        (request.single is not None, "a single task has one target"),
        (request.rerun_of is not None, "a rerun has one target"),
    ):
        if given:
            raise InvalidInputError(f"conditions ({', '.join(conditions)}) cannot be used here: {why}")
    return conditions


def _select_by_condition(
    only: Sequence[str], steps: Sequence[Step], runtime: Runtime, catalogue: Catalogue
) -> Step:
    """Return the step that selects targets before the steps of a flow, by the values that its tasks measure."""
    names = [name for step in steps for name in find_usual_tasks(step, runtime.registry)]
    tasks = [task for task in map(catalogue.known, names) if task is not None]
    outputs = {parameter for task in tasks for parameter in task.output_parameters}
    kinds = {task.task_type for task in tasks} & {"qubit", "coupling"}
    return FilterByCondition(only, sorted(outputs), couplings=kinds == {"coupling"})


def list_completed_results(runtime: Runtime, project_id: str, execution_id: str) -> list[TaskResultModel]:
    """Return the results of an execution that a resume does not measure again."""
    _, results = runtime.record.show(project_id, execution_id)
    return [one for one in select_last_attempts(results) if one.is_done]


def get_steps(name: str, registry: Registry, catalogue: Catalogue) -> Sequence[Step]:
    """Return the steps of the flow `name`, or a step for the task with this name or alias.

    Raises
    ------
    NotFoundError
        If there is neither, or the backend lacks an ability that the task requires.
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
        hint = suggest(name, [*flows, *(task for _, task in registry.tasks())])
        why = "" if hint else f": {error}"
        raise NotFoundError(f"there is no flow or task {name!r}{hint} (flows: {known}){why}") from error
    match task.task_type:
        case "coupling":
            return [CustomTwoQubit([task.name])]
        case "global" | "system":
            return [ConfigureAll((task.name,))]
        case _:
            return [CustomOneQubit([task.name])]


def prepare_run(
    runtime: Runtime, request: RunRequest, role: ProjectRole = ProjectRole.EDITOR
) -> tuple[CalibService, Targets, Sequence[Step]]:
    """Return the calibration, the targets and the steps of a request, found by name.

    `role` is the required role of the user: a preview does not need an editor.

    Raises
    ------
    AccessDeniedError
        If the user has a lower role.
    InvalidInputError
        If something in the request does not exist.
    """
    if request.chip_id is None:
        raise InvalidInputError(f"flow {request.flow!r} needs a chip")
    project_id = runtime.access(request.username, request.project_id, role).project_id
    chip = runtime.repositories.of(ChipRepository).require(project_id, request.chip_id)
    backend = request.backend_name or chip.backend
    catalogue = runtime.get_catalogue(project_id, request.chip_id, backend_name=backend)
    steps = get_steps(request.flow, runtime.registry, catalogue)
    if request.parameters:
        raise InvalidInputError(
            f"flow {request.flow!r} takes no parameter {next(iter(request.parameters))!r}: run parameters of its tasks are "
            "given with --set, parameters are for functions of one's own"
        )
    if request.only:
        check_conditions(request)
        steps = [_select_by_condition(request.only, steps, runtime, catalogue), *steps]
    calibration = CalibService(
        request.username,
        request.chip_id,
        project_id=project_id,
        flow_name=request.flow,
        tags=request.tags,
        default_run_parameters=request.run_parameters,
        inputs={name: Parameter(one.value, one.error, one.unit) for name, one in request.inputs.items()},
        backend_name=backend,
        saved=request.saved,
        scope=request.scope,
        rerun_of=request.rerun_of,
        scheduling=request.scheduling,
        shares_instrument=True,
        qdash=runtime,
    )
    targets = make_targets(request.targets) if request.single is None else OneTarget(request.single)
    return calibration, targets, steps
