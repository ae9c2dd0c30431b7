"""From a measurement to what is recorded: analysed, checked against the declaration, judged, and settled."""

from __future__ import annotations

import logging
import math
from numbers import Real
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError, QDashError, TaskStuckError
from qdash_core.models.base import as_json, utc_now
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import Parameter
from qdash_core.models.task import TaskResultModel, Verdict
from qdash_core.repositories.documents import LARGEST_DOCUMENT, rough_size
from qdash_core.tasks.attempt import failing
from qdash_core.tasks.base import BaseTask, TaskOutput
from qdash_core.tasks.state_manager import Outcome
from qdash_core.validation.judgement import Candidate, Validator, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.tasks.attempt import Attempt
    from qdash_core.tasks.inputs import Values
    from qdash_core.tasks.state_manager import TaskStateManager

logger = logging.getLogger(__name__)


class ResultProcessor:
    """Judges what analyses give, and settles results with it.

    Parameters
    ----------
    validators : sequence of Validator
        Asked in turn after every task.
    states : TaskStateManager
        Changes the results.
    values : Values
        The latest accepted values, of which validators are shown those of the target.
    """

    def __init__(self, validators: Sequence[Validator], states: TaskStateManager, values: Values) -> None:
        self._validators = tuple(validators)
        self._states = states
        self._values = values

    def conclude(
        self,
        attempt: Attempt,
        analyse: Callable[[], object],
        *,
        measured_at: datetime | None = None,
        told: Callable[[str], str] = str,
    ) -> None:
        """Analyse what was measured unless the attempt has failed already, judge what comes of it, and end its result.

        Parameters
        ----------
        attempt : Attempt
            Its result is running.
        analyse : callable
            Returns the output of the task.
        measured_at : datetime or None
            How old the values are; None: as old as the analysis.
        told : callable
            Makes of the reason of a failure what is recorded.

        Raises
        ------
        TaskStuckError
            If the analysis did not stop when its time was up; the run has been ended then.
        KeyboardInterrupt
            If it was interrupted, or has heard that the run is being cancelled.
        """
        result = attempt.result
        if attempt.failure is None:
            previous = self._values.of(result.qid)
            with failing(attempt, stage="postprocess"):
                output = analyse()
                attempt.raise_if_told()
                now = measured_at or utc_now()
                outcome = self.process(attempt.task_class, result, output, previous=previous, now=now)
                self._states.settle(result, outcome)
        if isinstance(attempt.failure, TaskStuckError):
            raise attempt.failure
        if attempt.failure is not None:
            self._states.update_task_status_to_failed(result, told(attempt.reason()))
            if not isinstance(attempt.failure, QDashError):
                logger.info("%s on %s failed", result.name, result.qid, exc_info=attempt.failure)

    def process(
        self,
        task: type[BaseTask],
        result: TaskResultModel,
        output: object,
        *,
        previous: Mapping[str, ParameterModel],
        now: datetime,
    ) -> Outcome:
        """Check `output` against the declaration of `task` and judge it.

        Raises
        ------
        AnalysisError
            If it is not a `TaskOutput`, lacks a declared output, or has one that was not declared.
        """
        checked = _checked(task, output)
        judgement = judge(Candidate(task, result.qid, checked, previous), self._validators)
        parameters = {
            name: _model(parameter, task, name, result, now)
            for name, parameter in checked.parameters.items()
            if judgement.verdict is not Verdict.REJECTED or _storable(parameter)
        }
        return Outcome(
            verdict=judgement.verdict,
            reasons=judgement.reasons,
            parameters=parameters,
            r2=_finite(checked.r2),
            quality={name: float(value) for name, value in checked.quality.items() if math.isfinite(value)},
            note=_note(task, checked.note),
        )


def _checked(task: type[BaseTask], output: object) -> TaskOutput:
    if not isinstance(output, TaskOutput):
        raise AnalysisError(f"{task.name}.postprocess returned {type(output).__name__}, not TaskOutput")
    declared = task.output_parameters
    absent = [name for name in declared if name not in output.parameters and not declared[name].optional]
    if absent:
        raise AnalysisError(f"{task.name} declares {', '.join(absent)} and did not deliver")
    for name, parameter in output.parameters.items():
        if name not in declared:
            raise AnalysisError(f"{task.name} delivered {name}, which it does not declare")
        if not isinstance(parameter, Parameter):
            raise AnalysisError(f"{task.name}: {name} is {type(parameter).__name__}, not Parameter")
        if isinstance(parameter.value, bool) or not isinstance(parameter.value, Real):
            raise AnalysisError(f"{task.name}: {name} is {parameter.value!r}, not a number")
        if _unit(parameter.unit) not in ("", _unit(declared[name].unit)):
            raise AnalysisError(
                f"{task.name}: {name} is in {parameter.unit}, declared in {declared[name].unit}"
            )
    return output


def _unit(unit: str) -> str:
    return unit.replace("µ", "u").replace("μ", "u")  # both Unicode micro signs


def _note(task: type[BaseTask], note: Mapping[str, Any]) -> dict[str, Any]:
    size = rough_size(note)
    if size > LARGEST_DOCUMENT:
        raise AnalysisError(
            f"{task.name}: the note holds {size / 2**20:.1f} MiB, and {LARGEST_DOCUMENT / 2**20:.0f} MiB can be kept: what "
            "is large belongs into raw data"
        )
    try:
        plain: dict[str, Any] = as_json(dict(note))
    except (TypeError, ValueError, RecursionError) as error:
        raise AnalysisError(f"{task.name}: the note is not JSON: {error}") from error
    return plain


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(number)


def _storable(parameter: Parameter) -> bool:
    """Whether the numbers can be kept at all: a store holds no NaN and no infinity."""
    return math.isfinite(parameter.value) and math.isfinite(parameter.error or 0.0)


def _model(
    parameter: Parameter, task: type[BaseTask], name: str, result: TaskResultModel, now: datetime
) -> ParameterModel:
    declared = task.output_parameters[name]
    whole = isinstance(parameter.value, int) and not isinstance(parameter.value, bool)
    return ParameterModel(
        value=parameter.value if whole else float(parameter.value),
        value_type="int" if whole else "float",
        error=None if parameter.error is None else float(parameter.error),
        unit=_unit(declared.unit),
        description=declared.description,
        calibrated_at=now,
        execution_id=result.execution_id,
        task_id=result.task_id,
    )
