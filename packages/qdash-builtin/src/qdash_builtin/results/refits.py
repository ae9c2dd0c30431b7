"""Refits: new analyses of recorded raw data, previewed, then recorded and validated as results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.proposals.basis import make_basis
from qdash_builtin.results.figures import select_as_recorded
from qdash_builtin.results.fit_points import FitPoints, draw_behind, draw_fit
from qdash_builtin.results.reanalysis import find_measurement, find_recorded, make_origin, record_reanalysis
from qdash_builtin.results.refit_start import start_refit
from qdash_builtin.values.value_change import ValueChange
from qdash_core.attempts.history_recorder import select_new_values
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import TaskStateManager
from qdash_core.attempts.task_attempt import TaskAttempt, record_failures
from qdash_core.errors import AnalysisError, InvalidInputError, StaleError
from qdash_core.models.base import Note
from qdash_core.models.task import RunParameterModel
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.tasks.analysis_options import (
    apply_options,
    count_fit_points,
    get_analysis_options,
    resolve_options,
)
from qdash_core.tasks.base import ChipView
from qdash_core.tasks.inputs import LatestValues
from qdash_core.tasks.overrides import apply_overrides

if TYPE_CHECKING:
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.request_keys import RequestKey
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


@dataclass(frozen=True, slots=True)
class RefitPreview:
    """A refit beside its original, before it is recorded.

    Parameters
    ----------
    outputs : list of ValueChange
        Every output of either result. Both were computed from the same data, so that their errors are not independent.
    changes : list of ValueChange
        The values of the chip that would change.
    unused : str
        Reason why other values of the refit would not become the chip's, or empty.
    n_points, n_fitted : int
        Points on the axes of the fit, and those that the options leave; 0 if the task declares no axis.
    basis : str
        Digest of the outcome and of the values that it would change: a refit that names it is recorded only if both are
        still the same.
    figure : dict or None
        Plotly JSON, with the fit of the original dashed, or None if it was not requested or its task draws none of
        these data.
    points : FitPoints or None
        Places of the points of the fit in the figure, or None if it shows none.
    """

    original: TaskResultModel
    refit: TaskResultModel
    outputs: list[ValueChange]
    changes: list[ValueChange]
    unused: str
    n_points: int
    n_fitted: int
    basis: str
    figure: dict[str, Any] | None = None
    points: FitPoints | None = None


def preview_refit(
    runtime: Runtime,
    original: TaskResultModel,
    options: Mapping[str, object],
    *,
    username: str,
    figure: bool = False,
) -> RefitPreview:
    """Analyse the raw data of a result again without recording anything, and draw it if `figure`.

    Options and errors are those of `ResultService.refit`.
    """
    task = runtime.registry.task(original.name, backend=original.backend)
    resolved = _resolve(task, original, options)
    raw = runtime.artifacts.load_raw_data(original.raw_data_path[0])
    selected = apply_options(task, raw, resolved)
    checkpoint()
    result = _analyse(runtime, task, original, selected, username=username)
    known = _find_target(Repositories(runtime.store), result)
    drawn, points = _draw(runtime, task, (original, result), raw, selected) if figure else (None, None)
    return RefitPreview(
        original,
        result,
        [
            ValueChange(
                result.qid, name, original.output_parameters.get(name), result.output_parameters.get(name)
            )
            for name in dict.fromkeys([*original.output_parameters, *result.output_parameters])
        ],
        _list_changes(result, known),
        _explain_unused(result, known),
        count_fit_points(task, raw),
        count_fit_points(task, selected),
        _make_refit_basis(result, known),
        drawn,
        points,
    )


def _draw(
    runtime: Runtime,
    task: type[BaseTask],
    results: tuple[TaskResultModel, TaskResultModel],
    raw: RawData,
    selected: RawData,
) -> tuple[dict[str, Any] | None, FitPoints | None]:
    """Return the figure of a refit, the second result, with the fit of the first one dashed, and its points; None if its task draws none."""
    original, refit = results
    pictures = runtime.registry.pictures
    try:
        figure, points = draw_fit(task, refit, raw, selected, pictures)
    except (AnalysisError, InvalidInputError):
        return None, None
    if points is None or refit.analysis_options == original.analysis_options:
        return figure, points
    try:
        recorded = select_as_recorded(task, original, raw)
        before, places = draw_fit(task, original, raw, recorded, pictures)
    except (AnalysisError, InvalidInputError):
        return figure, points
    return figure if places is None else draw_behind(figure, points, before, places), points


def record_refit(
    runtime: Runtime, preview: RefitPreview, *, basis: str | None, note: str, request: RequestKey
) -> TaskResultModel:
    """Record a previewed refit with its consequences in one transaction, once if the request has a key.

    `basis` is the one that the user has seen, or None to record whatever the values of the chip are.

    Raises
    ------
    StaleError
        If the outcome, or a value that it would change, is no longer the same.
    """
    result = preview.refit
    with runtime.store.transaction() as transaction:
        repositories = Repositories(transaction)
        if (known := find_recorded(repositories, request)) is not None:
            return known
        if basis is not None and basis != _make_refit_basis(result, _find_target(repositories, result)):
            raise StaleError(
                f"the refit of {result.name} on {result.qid} ({preview.original.task_id}) is no longer the previewed one, because the result "
                "or the values of the chip have changed: preview it again"
            )
        if note.strip():
            now = utc_now()
            result.user_note = Note.create(note, username=result.username, before=now, now=now)
        record_reanalysis(runtime, repositories, result, request)
    return result


def _analyse(
    runtime: Runtime, task: type[BaseTask], original: TaskResultModel, raw: RawData, *, username: str
) -> TaskResultModel:
    """Return the judged result of a new analysis, which is not stored."""
    measured = find_measurement(runtime, original)
    states = TaskStateManager(make_origin(runtime, original, measured, username=username))
    options = _make_option_records(task, raw.options)
    result = start_refit(states, task, original, measured=measured, options=options)
    parameters = _get_run_parameters(task, original)
    states.put_run_parameters(result, _make_parameter_records(original, parameters))
    chip = runtime.chip_record.show(measured.project_id, measured.chip_id)
    view = ChipView(measured.chip_id, measured.backend or chip.header.backend, chip.topology)
    design = runtime.get_design(chip, backend_name=measured.backend)
    attempt = TaskAttempt(result, task)
    with record_failures(attempt, stage="postprocess"):
        instance = attempt.create_task(
            parameters, view, design=design, partial=lambda _: None, cancelled=lambda: False
        )
        attempt.measured = raw
        attempt.output = instance.postprocess(None, raw)
    checkpoint()
    values = LatestValues(runtime.store, original.project_id, result.chip_id)
    # The values have the time of the measurement, not that of the refit.
    registry = runtime.registry
    processor = ResultProcessor(
        registry.validators(), states, quantities=registry.quantities(), topology=chip.topology
    )
    processor.judge(attempt, values, measured_at=measured.end_at)
    if attempt.failure is not None:
        states.update_task_status_to_failed(
            result, attempt.reason(), measurement_complete=True, no_signal=attempt.lacks_signal
        )
    return result


def _resolve(
    task: type[BaseTask], original: TaskResultModel, options: Mapping[str, object]
) -> dict[str, Any]:
    """Return the analysis options of a refit: those recorded with the original, replaced by the given ones.

    Those under the name or an alias of the task take precedence.
    """
    given = dict(options)
    for called in (*task.aliases, task.name):
        if isinstance(own := given.get(called), Mapping):
            del given[called]
            given |= own
    declared = get_analysis_options(task)
    recorded = {name: model.value for name, model in original.analysis_options.items() if name in declared}
    return resolve_options(task, {**recorded, **given})


def _get_run_parameters(task: type[BaseTask], original: TaskResultModel) -> dict[str, RunParameter]:
    """Return the run parameters as recorded: those of the measurement."""
    recorded = {
        name: model.value
        for name, model in original.run_parameters.items()
        if name in task.run_parameters and model.value is not None
    }
    return apply_overrides(task.run_parameters, recorded, task=task.name)


def _make_parameter_records(
    original: TaskResultModel, parameters: Mapping[str, RunParameter]
) -> dict[str, RunParameterModel]:
    return {
        name: model.model_copy(update={"value": parameters[name].value})
        for name, model in original.run_parameters.items()
        if name in parameters
    }


def _make_option_records(task: type[BaseTask], options: Mapping[str, Any]) -> dict[str, RunParameterModel]:
    declared = get_analysis_options(task)
    return {
        name: RunParameterModel(
            value=value,
            value_type=declared[name].value_type,
            unit=declared[name].unit,
            description=declared[name].description,
        )
        for name, value in options.items()
    }


def _find_target(repositories: Repositories, result: TaskResultModel) -> QubitModel | CouplingModel | None:
    where = (result.project_id, result.chip_id, result.qid)
    match result.task_type:
        case "qubit":
            return repositories.of(QubitCalibrationRepository).find(*where)
        case "coupling":
            return repositories.of(CouplingCalibrationRepository).find(*where)
        case _:
            return None


def _list_changes(result: TaskResultModel, known: QubitModel | CouplingModel | None) -> list[ValueChange]:
    if known is None or not (result.saved and result.accepted):
        return []
    values = select_new_values(known, result, now=utc_now())
    changes = [ValueChange(result.qid, name, known.data.get(name), found) for name, found in values.items()]
    return [one for one in changes if one.before is None or not _is_equal(one.before, one.after)]


def _is_equal(one: ParameterModel, other: ParameterModel | None) -> bool:
    return other is not None and (one.value, one.error, one.unit) == (other.value, other.error, other.unit)


def _explain_unused(result: TaskResultModel, known: QubitModel | CouplingModel | None) -> str:
    """Return the reason why values of a refit would not become the chip's, or an empty text."""
    if not result.accepted:
        return f"the refit is {result.outcome}: its values would be recorded, not used"
    if result.scope is not None:
        return f"it belongs to value scope {result.scope}: the values of the chip stay"
    if not result.saved or known is None:
        return "its measurement does not count for the chip: the values would be recorded, not used"
    new = select_new_values(known, result, now=utc_now())
    later = [name for name in result.output_parameters if name not in new]
    return f"the chip has a later value of {', '.join(later)}, which stays" if later else ""


def _make_refit_basis(result: TaskResultModel, known: QubitModel | CouplingModel | None) -> str:
    """Return a digest of the outcome of a refit and of the values of the chip that it could change."""
    names = sorted(result.output_parameters)
    content = {
        "options": {name: model.value for name, model in sorted(result.analysis_options.items())},
        "outcome": [result.status, result.verdict, result.reasons, result.message],
        "found": {name: _describe_value(result.output_parameters[name]) for name in names},
        "known": {} if known is None else {name: _describe_value(known.data.get(name)) for name in names},
        "saved": result.saved,
    }
    return make_basis(content)


def _describe_value(value: ParameterModel | None) -> list[object] | None:
    """Return a value with what identifies its origin; a new result has another id each time."""
    if value is None:
        return None
    return [
        value.value,
        value.error,
        value.unit,
        None if value.calibrated_at is None else str(value.calibrated_at),
    ]
