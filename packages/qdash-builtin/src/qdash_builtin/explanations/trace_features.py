"""Features of the trace of a result, from the code of its task."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING

from qdash_builtin.results.figures import rebuild_output, select_as_recorded
from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.task import TaskStatus
from qdash_core.tasks.failures import describe_failure

if TYPE_CHECKING:
    from typing import SupportsFloat

    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


def compute_trace_features(task: type[BaseTask], result: TaskResultModel, raw: RawData) -> dict[str, float]:
    """Return the features of a trace that are known.

    Raises
    ------
    AnalysisError
        If the task fails, or returns a feature that it does not declare or that is no number.
    """
    import numpy as np

    failed_analysis = (
        result.status is TaskStatus.FAILED and not result.output_parameters and not result.quality
    )
    output = None if failed_analysis and result.r2 is None else rebuild_output(result, task)
    try:
        # Measured numbers may be of any size: NumPy would warn of those beyond its range on the terminal.
        with np.errstate(all="ignore"):
            found = dict(task.features(select_as_recorded(task, result, raw), output))
    except InvalidInputError:
        raise
    except (Exception, SystemExit) as error:
        raise AnalysisError(
            f"{task.name}.features failed: {describe_failure(error, module=task.__module__)}"
        ) from error
    for name, value in found.items():
        if name not in task.feature_parameters:
            raise AnalysisError(
                f"{task.name}.features returns {name}, which feature_parameters does not have"
            )
        if not isinstance(value, Real):
            raise AnalysisError(f"{task.name}.features returns {value!r:.50} for {name}, not a number")
    numbers = {name: _to_float(value) for name, value in found.items()}
    return {name: number for name, number in numbers.items() if math.isfinite(number)}


def _to_float(number: SupportsFloat) -> float:
    """Return a number as a float, which is infinite for one beyond its range."""
    try:
        return float(number)
    except OverflowError:
        return math.inf
