"""Validation of run requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.runs.previews import preview_steps
from qdash_core.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NothingToDoError,
    QDashError,
    StoreError,
)
from qdash_core.flows.strategy_choice import require_measured_kinds, sort_strategies
from qdash_core.flows.targets import parse_selection
from qdash_core.flows.user_flow_source import pin_user_flow
from qdash_core.hooks.plugin_scheduler import PluginScheduler
from qdash_core.judgement.conditions import describe_conditions, parse_conditions
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.ids import check_tag
from qdash_core.models.targets import parse_target_id
from qdash_core.models.task import select_last_attempts
from qdash_core.record.config import CalibConfig
from qdash_core.runs.run_preparation import check_conditions, prepare_run
from qdash_core.scheduling.claims import WHOLE_INSTRUMENT
from qdash_core.session.dispatch.plans import check_target
from qdash_core.session.scoped_chip import read_scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_builtin.runs.previews import RunPreview
    from qdash_core.flows.user_flow_source import UserFlowSource
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.request import RunRequest, TargetSelection
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.claims import RunClaim


@dataclass(frozen=True, slots=True)
class ValidRequest:
    """A request that could start, and the parts of the instrument that it claims."""

    request: RunRequest
    claim: RunClaim = WHOLE_INSTRUMENT


def validate_request(
    runtime: Runtime, project_id: str, request: RunRequest, *, later: bool = False
) -> ValidRequest:
    """Return a request that could start now, with ids of its targets, the task's name in place of an alias, and the version of a saved flow.

    Nothing is written, and no code of users is run; strategies of plugins that the request selects make their
    schedules. If the run starts `later`, no target needs to meet its conditions now, and schedules may be others.

    Raises
    ------
    NotFoundError, InvalidInputError, MissingInputError
        If something in the request does not exist or does not fit.
    NothingToDoError
        If no target meets its conditions.
    PluginError
        If a selected strategy of a plugin fails, or its schedule is invalid.
    """
    for tag in request.tags:
        check_tag(tag)
    if request.only:
        request = request.model_copy(update={"only": check_conditions(request)})
    if request.since is not None:
        require_unfinished(runtime, project_id, request.since, chip_id=request.chip_id)
    request, source = pin_user_flow(runtime, project_id, request)
    request = request.model_copy(update={"targets": parse_selection(request.targets)})
    if source is not None:
        _check_user_flow(runtime, project_id, request, source)
        return ValidRequest(request)
    if request.single is not None:
        request = _make_single_task_request(runtime, project_id, request)
    calibration, targets, steps = prepare_run(runtime, request)
    checked = calibration.check(targets, steps)
    require_used_strategies(runtime, request, checked.kinds)
    if not later and (request.only or _has_strategy_of_plugin(runtime.registry, request)):
        _require_measurements(preview_steps(calibration, targets, steps), request)
    return ValidRequest(request, checked.claim)


def _check_user_flow(runtime: Runtime, project_id: str, request: RunRequest, source: UserFlowSource) -> None:
    """Check the parts of a request of a user's flow that are known before it runs; raise as `validate_request`."""
    refuse_inputs(request)
    source.check(runtime, project_id, request)
    if request.chip_id is not None:
        chip = runtime.chip_record.show(project_id, request.chip_id)
        runtime.require_backend(request.backend_name or chip.header.backend)
    if request.scope is not None:
        _check_scope(runtime, project_id, request)
    sort_strategies(runtime.registry, request.scheduling.strategies)


def claim_again(runtime: Runtime, request: RunRequest) -> RunClaim:
    """Return the claim of a request that was valid before: the whole instrument if it is not any more, which its start will say."""
    if request.is_user_flow:
        return WHOLE_INSTRUMENT
    try:
        calibration, targets, steps = prepare_run(runtime, request)
        return calibration.check(targets, steps).claim
    except StoreError:
        raise
    except QDashError:
        return WHOLE_INSTRUMENT


def require_used_strategies(runtime: Runtime, request: RunRequest, kinds: Collection[str]) -> None:
    """Raise InvalidInputError if a strategy of a request is for targets of a kind that its flow does not measure."""
    selected = sort_strategies(runtime.registry, request.scheduling.strategies)
    require_measured_kinds(runtime.registry, selected, kinds)


def _require_measurements(preview: RunPreview, request: RunRequest) -> None:
    if request.only and not preview.measures:
        selected = "selected target" if _names_targets(request.targets) else "target"
        raise NothingToDoError(
            f"no {selected} of chip {request.chip_id} is {describe_conditions(parse_conditions(request.only))}: nothing needs to be measured"
        )


def _has_strategy_of_plugin(registry: Registry, request: RunRequest) -> bool:
    selected = sort_strategies(registry, request.scheduling.strategies)
    return any(isinstance(registry.scheduler(kind, name), PluginScheduler) for kind, name in selected.items())


def _names_targets(targets: TargetSelection) -> bool:
    """Return whether a selection restricts the targets of a chip; an empty list of couplings means all of them."""
    return bool(targets.qubits or targets.muxes or targets.couplings or targets.exclude)


def _check_scope(runtime: Runtime, project_id: str, request: RunRequest) -> None:
    """Refuse the value scope of a user's flow if its name is invalid or it is closed."""
    config = CalibConfig(
        username=request.username, chip_id=request.chip_id or "", saved=request.saved, scope=request.scope
    )
    read_scope(runtime, project_id, config, simulated=False)


def require_unfinished(
    runtime: Runtime, project_id: str, execution_id: str, *, chip_id: str | None
) -> list[TaskResultModel]:
    """Return the completed results of an execution whose other tasks will be run.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such execution on this chip, or all of its tasks completed and no user rejected a result.
    IllegalTransitionError
        If it has not ended.
    """
    execution, results = runtime.record.show(project_id, execution_id)
    if not execution.status.terminal and not runtime.record.is_interrupted(execution):
        raise IllegalTransitionError(
            f"execution {execution_id} is {execution.status}: wait for its end, or cancel it first"
        )
    if execution.chip_id != chip_id:
        raise InvalidInputError(
            f"execution {execution_id} is one of chip {execution.chip_id}, not of {chip_id}"
        )
    last = select_last_attempts(results)
    done = [one for one in last if one.is_done]
    if execution.status is ExecutionStatus.COMPLETED and len(done) == len(last):
        raise InvalidInputError(f"nothing failed in execution {execution_id}, and no user rejected a result")
    return done


def _make_single_task_request(runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest:
    """Return the request for a single task, with the task's name in place of an alias.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such task or target, or the task does not run on the target.
    """
    assert request.single is not None
    if request.chip_id is None:
        raise InvalidInputError(f"task {request.flow!r} needs a chip")
    chip = runtime.chip_record.show(project_id, request.chip_id)
    catalogue = runtime.get_catalogue(project_id, request.chip_id, backend_name=request.backend_name)
    task = catalogue.task(request.flow)
    if not request.single and task.task_type not in ("global", "system"):
        raise InvalidInputError(f"{request.flow} runs on a {task.task_type}: name it with --qid")
    single = parse_target_id(request.single) if task.task_type in ("qubit", "coupling") else request.single
    check_target(task, single, chip)
    return request.model_copy(update={"flow": task.name, "single": single})


def refuse_inputs(request: RunRequest) -> None:
    """Raise InvalidInputError if a request gives inputs to a user's flow, which gives its tasks their inputs itself."""
    if request.inputs:
        raise InvalidInputError(
            f"{request.flow} takes no input {next(iter(request.inputs))!r}: a flow of your own gives its tasks inputs with "
            "`CalibService(..., inputs=...)`"
        )


def refuse_file(
    request: RunRequest,
    remedy: str = "save the flow (`qdash flow save FILE.py`), and ask for it by its name",
) -> None:
    """Raise InvalidInputError, with a remedy, if a request names a file on this machine."""
    if request.names_file:
        raise InvalidInputError(f"flow {request.flow!r} names a file of the host's machine: {remedy}")
