"""Raw data as a NetCDF file of version 3, with dimensions, units and attributes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from qdash_core.models.task import get_measurement
from qdash_core.tasks.analysis_options import get_axis_name
from qdash_core.tasks.parameters import matches_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


def make_netcdf(result: TaskResultModel, raw: RawData, task: type[BaseTask] | None) -> bytes:
    """Return raw data as a file in the 64-bit offset variant of NetCDF 3.

    An array is a variable with `units`; the first dimension of one that is measured along an axis is that axis. Complex
    arrays are two variables, `NAME_real` and `NAME_imaginary`; booleans are bytes. Integers that need more than 32 bits
    are doubles. Empty arrays are left out, because a dimension has at least one element. Attributes of the file are
    ids, task, target and time of the result; those of the raw data are JSON in `raw_attributes`. The task declares axes
    and descriptions; None if it is not installed.
    """
    from scipy.io import netcdf_file

    buffer = io.BytesIO()
    with netcdf_file(buffer, "w", version=2) as file:
        for name, text in _list_facts(result, raw):
            setattr(file, name, text.encode())
        for array in raw.arrays:
            if not raw[array].size:
                continue
            dimensions = []
            for dimension, size in _list_dimensions(raw, task, array):
                named = dimension if file.dimensions.get(dimension, size) == size else f"{dimension}_{size}"
                if named not in file.dimensions:
                    file.createDimension(named, size)
                dimensions.append(named)
            for name, values in _split_parts(_clean_name(array), raw[array]):
                variable = file.createVariable(name, values.dtype, dimensions)
                variable[...] = values
                variable.units = raw.arrays[array][1].encode()
                variable.long_name = _describe(task, array).encode()
        file.flush()
        return buffer.getvalue()


def _list_facts(result: TaskResultModel, raw: RawData) -> Iterator[tuple[str, str]]:
    measured_at = get_measurement(result).start_at
    yield "title", f"{result.name} {result.qid}".strip()
    yield "project", result.project_id
    yield "chip", result.chip_id
    yield "target", result.qid
    yield "task", result.name
    yield "execution", result.execution_id
    yield "task_id", result.task_id
    yield "measured_at", "" if measured_at is None else measured_at.isoformat()
    yield "raw_attributes", json.dumps(dict(raw.attributes), ensure_ascii=False)


def _list_dimensions(raw: RawData, task: type[BaseTask] | None, array: str) -> list[tuple[str, int]]:
    """Return names and sizes of the dimensions of an array; the first one is its axis if the task declares one of its size."""
    shape = raw[array].shape
    own = [(f"{_clean_name(array)}_{place}", size) for place, size in enumerate(shape)]
    if len(shape) == 1:
        own = [(_clean_name(array), shape[0])]
    axis = (None if task is None else get_axis_name(task, array)) or ""
    if shape and axis in raw.arrays and raw[axis].shape == shape[:1]:
        own[0] = (_clean_name(axis), shape[0])
    return own


def _split_parts(name: str, values: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """Return the variables of an array, with types of NetCDF 3."""
    import numpy as np

    match values.dtype.kind:
        case "c":
            return [
                (f"{name}_real", values.real.astype("f8")),
                (f"{name}_imaginary", values.imag.astype("f8")),
            ]
        case "b":
            return [(name, values.astype("i1"))]
        case "i" | "u":
            limits = np.iinfo(np.int32)
            fits = not values.size or bool(values.min() >= limits.min and values.max() <= limits.max)
            return [(name, values.astype("i4" if fits else "f8"))]
        case _:
            return [(name, values.astype("f8"))]


def _describe(task: type[BaseTask] | None, array: str) -> str:
    declared = {} if task is None else task.arrays
    return next(
        (one.description for pattern, one in declared.items() if matches_array(array, pattern)), array
    )


def _clean_name(name: str) -> str:
    """Return the name of an array without the characters that NetCDF does not allow in names."""
    return name.replace("/", "_").strip()
