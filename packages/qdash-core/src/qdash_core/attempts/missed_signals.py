"""Signals that a measurement may miss because of its settings: their absence is no evidence on the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.raw_data import RawData
from qdash_core.models.units import are_same, convert_alike
from qdash_core.tasks.inputs import to_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

_FREQUENCY = "GHz"
_SHOTS = "shots"
_FEW = 0.1
"""Share of the usual shots below which noise, three times larger, may hide a signal."""


def may_miss_signal(
    task: type[BaseTask], result: TaskResultModel, measured: object, values: Mapping[str, ParameterModel]
) -> bool:
    """Return whether the settings of a measurement may hide a signal that is there.

    It had inputs other than the values in use, less than a tenth of the usual shots, or sweeps that leave out each
    known frequency. `result` has its inputs and run parameters. `values` has the values in use of its target.
    """
    has_other_inputs = result.rerun_of is not None or any(
        one.from_user for one in result.input_parameters.values()
    )
    return (
        has_other_inputs
        or _has_few_shots(task, result)
        or (isinstance(measured, RawData) and _misses_known_lines(task, measured, values))
    )


def _has_few_shots(task: type[BaseTask], result: TaskResultModel) -> bool:
    usual, taken = task.run_parameters.get(_SHOTS), result.run_parameters.get(_SHOTS)
    if usual is None or taken is None:
        return False
    numbers = isinstance(usual.value, int | float) and isinstance(taken.value, int | float)
    return numbers and taken.value < _FEW * usual.value


def _misses_known_lines(task: type[BaseTask], raw: RawData, values: Mapping[str, ParameterModel]) -> bool:
    """Return whether the sweeps over frequency, the arrays in GHz, leave out each known frequency that the task measures."""
    known = [
        convert_alike(to_parameter(values[name]), _FREQUENCY).value
        for name, declared in task.output_parameters.items()
        if are_same(declared.unit, _FREQUENCY) and name in values
    ]
    sweeps = [raw[name] for name, (_, unit) in raw.arrays.items() if unit == _FREQUENCY]
    windows = [(sweep.min(), sweep.max()) for sweep in sweeps if sweep.size > 1 and sweep.dtype.kind == "f"]
    covered = any(lowest <= one <= highest for lowest, highest in windows for one in known)
    return bool(known and windows) and not covered
