"""Recording of users' own analyses as results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.results.reanalysis import find_measurement, find_recorded, make_origin, record_reanalysis
from qdash_builtin.results.refit_start import start_refit
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import TaskStateManager
from qdash_core.attempts.task_attempt import TaskAttempt
from qdash_core.errors import AnalysisError, ConflictError, InvalidInputError
from qdash_core.models.base import Note
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.inputs import LatestValues

if TYPE_CHECKING:
    from qdash_builtin.results.user_analyses import UserAnalysis
    from qdash_core.models.access import Access
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.tasks.base import BaseTask


def record_analysis(
    runtime: Runtime,
    access: Access,
    original: TaskResultModel,
    raw: RawData,
    analysis: UserAnalysis,
    *,
    key: str | None,
) -> TaskResultModel:
    """Record a user's analysis as a new result, with its consequences in one transaction.

    Raise InvalidInputError if it is not one of this result. Validators may read its raw data. With an idempotency key
    it is recorded once, with None in any case.
    """
    if not original.status.terminal:
        raise ConflictError(
            f"result {original.task_id} is {original.status}: analyse it when it has ended, so that its data are complete"
        )
    task = runtime.registry.task(original.name, backend=original.backend)
    parameters = analysis.check(task, runtime.registry.quantities())
    request = RequestKey(access, key, analysis.as_request(original.task_id))
    if (known := find_recorded(runtime.repositories, request)) is not None:
        return known
    result = _judge(runtime, access, original, raw, replace(analysis, parameters=parameters))
    checkpoint()
    with runtime.store.transaction() as transaction:
        repositories = Repositories(transaction)
        if (known := find_recorded(repositories, request)) is not None:
            return known
        record_reanalysis(runtime, repositories, result, request)
    return result


def _judge(
    runtime: Runtime, access: Access, original: TaskResultModel, raw: RawData, analysis: UserAnalysis
) -> TaskResultModel:
    """Return the judged result of an analysis, which is not stored."""
    task = runtime.registry.task(original.name, backend=original.backend)
    measured = find_measurement(runtime, original)
    states = TaskStateManager(make_origin(runtime, original, measured, username=access.username))
    result = start_refit(states, task, original, measured=measured, options={})
    result.saved = result.saved and analysis.saved
    result.analysis_model = analysis.model.strip()
    result.analysis_curve = analysis.curve
    result.output_parameter_names = list(analysis.parameters)
    states.put_run_parameters(result, original.run_parameters)
    if analysis.note.strip():
        now = utc_now()
        result.user_note = Note.create(analysis.note, username=access.username, before=now, now=now)
    attempt = TaskAttempt(result, task)
    attempt.measured = raw
    attempt.output = TaskOutput(analysis.parameters, quality=analysis.quality)
    values = LatestValues(runtime.store, original.project_id, result.chip_id)
    # The values have the time of the measurement, not that of the analysis.
    registry = runtime.registry
    topology = runtime.chip_record.show(measured.project_id, measured.chip_id).topology
    processor = ResultProcessor(
        registry.validators(), states, quantities=registry.quantities(), topology=topology
    )
    processor.judge(attempt, values, measured_at=measured.end_at, complete=False)
    if attempt.failure is not None:
        raise InvalidInputError(attempt.reason())
    if analysis.curve is not None:
        _require_drawable(runtime, task, result, measured, raw)
    return result


def _require_drawable(
    runtime: Runtime, task: type[BaseTask], result: TaskResultModel, measured: TaskResultModel, raw: RawData
) -> None:
    """Raise InvalidInputError unless the figure of a measurement can show the curve of an analysis."""
    from qdash_builtin.results.analysis_curve import draw_recorded_analysis  # needs numpy
    from qdash_builtin.results.figures import select_as_recorded
    from qdash_builtin.results.fit_points import draw_fit

    selected = select_as_recorded(task, measured, raw)
    try:
        figure, _ = draw_fit(task, measured, raw, selected, runtime.registry.pictures)
    except AnalysisError as error:
        raise InvalidInputError(f"the figure cannot show the curve: {error}") from error
    draw_recorded_analysis(figure, result)
