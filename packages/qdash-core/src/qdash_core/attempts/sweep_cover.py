"""Cover of known lines by the sweeps of a measurement: a window that leaves them out shows no absent signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.units import are_same, convert_alike
from qdash_core.tasks.inputs import to_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import BaseTask

_FREQUENCY = "GHz"


def misses_known_lines(task: type[BaseTask], raw: RawData, values: Mapping[str, ParameterModel]) -> bool:
    """Return whether the sweeps over frequency leave out each known frequency that the task measures.

    Parameters
    ----------
    task : type of BaseTask
        The task.
    raw : RawData
        Its data; arrays in GHz are sweeps.
    values : mapping of str to ParameterModel
        Values in use of its target.
    """
    known = [
        convert_alike(to_parameter(values[name]), _FREQUENCY).value
        for name, declared in task.output_parameters.items()
        if are_same(declared.unit, _FREQUENCY) and name in values
    ]
    sweeps = [raw[name] for name, (_, unit) in raw.arrays.items() if unit == _FREQUENCY]
    windows = [(sweep.min(), sweep.max()) for sweep in sweeps if sweep.size > 1 and sweep.dtype.kind == "f"]
    covered = any(lowest <= one <= highest for lowest, highest in windows for one in known)
    return bool(known and windows) and not covered
