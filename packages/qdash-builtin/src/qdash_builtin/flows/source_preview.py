"""Preview of a saved flow from the text of its source: nothing of the source is imported or run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_builtin.flows.catalogue import check_saved_flow, make_versioned_name, require_saved
from qdash_builtin.flows.flow_sources import read_runs
from qdash_builtin.runs.previews import RunPreview, preview_steps
from qdash_core.errors import QDashError
from qdash_core.flows import steps as step_classes
from qdash_core.flows import targets as target_classes
from qdash_core.flows.dry_run import Stage
from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import make_targets
from qdash_core.tasks.failures import describe_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime

_TARGETS = ("QubitTargets", "MuxTargets", "AllMuxTargets", "CouplingTargets")


def preview_saved_flow(runtime: Runtime, request: RunRequest, *, project_id: str) -> RunPreview:
    """Return the preview of a saved flow according to its text.

    A run with targets that the text does not tell is previewed with those of the request. Stages of steps that it does not tell, and of
    runs in loops and conditions, say so.

    Raises
    ------
    InvalidInputError, NotFoundError
        If something in the request does not exist or does not fit.
    """
    check_saved_flow(runtime, project_id, request)
    saved = require_saved(runtime, project_id, request)
    qubits = request.targets.qubits
    values: dict[str, object] = {
        "username": request.username,
        "chip_id": request.chip_id,
        "project_id": project_id,
        "flow_name": request.flow,
        "tags": list(request.tags),
        **({} if qubits is None else {"qids": list(qubits)}),
        **request.parameters,
    }
    runs = read_runs(saved.source, saved.flow_function_name, values)
    calibration = partial(
        CalibService,
        request.username,
        request.chip_id or "",
        project_id=project_id,
        saved=request.saved,
        scope=request.scope,
        scheduling=request.scheduling,
        qdash=runtime,
    )
    previews = [_preview_run(calibration, run, make_targets(request.targets)) for run in runs]
    if not previews:
        name = make_versioned_name(request)
        why = "its text has no call of CalibService.run with steps: what it runs is known once it runs"
        previews = [_make_unknown(name, why)]
    return RunPreview(
        list(dict.fromkeys(target for one in previews for target in one.targets)),
        [stage for one in previews for stage in one.stages],
        [forecast for one in previews for forecast in one.forecasts],
        {target: why for one in previews for target, why in one.left_out.items()},
        {task: why for one in previews for task, why in one.tasks_left_out.items()},
        frozenset(kind for one in previews for kind in one.kinds),
        from_source=True,
    )


def _preview_run(
    make_calibration: Callable[[], CalibService], run: Mapping[str, Any], usual: Targets
) -> RunPreview:
    line = run["line"]
    steps: list[Step] = []
    unknown: list[Stage] = []
    try:
        targets = usual if run["targets"] is None else _make_object(target_classes, run["targets"], _TARGETS)
    except (QDashError, TypeError, ValueError) as error:
        return _make_unknown(f"the run in line {line}", describe_failure(error))
    for one in run["steps"]:
        if "unknown" in one:
            why = f"line {one['line']}: the text of the flow does not tell what it runs"
            unknown.append(Stage(one["unknown"], (), (), reason=why))
            continue
        try:
            steps.append(_make_object(step_classes, one, step_classes.__all__))
        except (QDashError, TypeError, ValueError) as error:
            unknown.append(
                Stage(one["name"], (), (), reason=f"line {one['line']}: {describe_failure(error)}")
            )
    found = _make_unknown() if not steps else _try_preview(make_calibration(), targets, steps, line)
    stages = [replace(one, reason=one.reason or run["reason"]) for one in found.stages]
    return replace(found, stages=[*stages, *unknown], forecasts=[*found.forecasts, *[None for _ in unknown]])


def _try_preview(calibration: CalibService, targets: Targets, steps: list[Step], line: int) -> RunPreview:
    """Return the preview of a run, or the reason why it would be refused or fail."""
    try:
        return preview_steps(calibration, targets, steps)
    except Exception as error:  # noqa: BLE001  values of a wrong type, such as QubitTargets(5), raise anything
        return _make_unknown(f"the run in line {line}", describe_failure(error))


def _make_object(module: Any, call: Mapping[str, Any], known: tuple[str, ...] | list[str]) -> Any:
    """Return an object of one of the known classes of a module, from literals."""
    if call["name"] not in known:
        raise TypeError(f"there is no {call['name']}")
    return getattr(module, call["name"])(*call["args"], **call["kwargs"])


def _make_unknown(name: str = "", reason: str = "") -> RunPreview:
    """Return the preview of a run with one unknown stage and its reason, or of no run without a name."""
    stages = [Stage(name, (), (), reason=reason)] if name else []
    return RunPreview([], stages, [None for _ in stages], {}, {}, frozenset())
