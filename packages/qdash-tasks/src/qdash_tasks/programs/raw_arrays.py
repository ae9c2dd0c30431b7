"""Raw data of a program: names and declarations of arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.parameters import ArrayDeclaration
from qdash_tasks.laboratory.trace import ShotRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.programs.measurement_calls import MeasurementDeclaration

COMPLETE = "complete"
"""Attribute of raw data: the program ran to its end."""


@dataclass(slots=True)
class AnswerArrays:
    """Answers of a program so far, as arrays of raw data."""

    arrays: dict[str, tuple[ArrayLike, str]] = field(default_factory=dict)

    def add(self, name: str, request: Request, answer: Answer, order: NDArray[np.intp] | None = None) -> None:
        """Add one answer under a name, in place of an earlier one.

        `order` has the place of each point in time if the order was random.
        """
        if isinstance(answer, ShotRecord):
            self.arrays[name] = make_shot_array(answer)
            return
        x_name, x_unit = request.axis
        self.arrays[f"{name}_{x_name}"] = (answer.x, x_unit)
        if request.rows_axis is not None and answer.rows is not None:
            row_name, row_unit = request.rows_axis
            self.arrays[f"{name}_{row_name}"] = (answer.rows, row_unit)
        self.arrays[f"{name}_iq"] = (answer.iq, "a.u.")
        self.arrays[f"{name}_sigma"] = (answer.sigma, "a.u.")
        self.arrays[f"{name}_covariance"] = (answer.covariance, "a.u.^2")
        if answer.ends is not None:
            self.arrays[f"{name}_ends"] = (answer.ends, "")
        if order is not None:
            self.arrays[f"{name}_order"] = (order, "")

    def make_raw_data(self, attributes: Mapping[str, Any]) -> RawData:
        """Return all recorded answers as raw data with `attributes`."""
        return RawData(dict(self.arrays), attributes)


def make_shot_array(shots: ShotRecord) -> tuple[NDArray[np.complex64], str]:
    """Return every shot with the unit, in single precision: far finer than the noise of a shot."""
    return shots.iq.astype("complex64"), "a.u."


def declare_arrays(traces: Mapping[str, MeasurementDeclaration]) -> dict[str, ArrayDeclaration]:
    """Return the declarations of the arrays of `AnswerArrays`, by name or pattern."""
    found: dict[str, ArrayDeclaration] = {}
    for name, one_of in traces.items():
        kind, meaning = one_of.request, one_of.meaning
        if kind.single_shots:
            found[name] = ArrayDeclaration("a.u.", f"{meaning}: every shot")
            continue
        axes = [kind.axis] if kind.rows_axis is None else [kind.axis, kind.rows_axis]
        along = f"{name}_{kind.axis[0]}" if kind.rows_axis is None else ""
        for axis, unit in axes:
            found[f"{name}_{axis}"] = ArrayDeclaration(unit, f"{meaning}: {axis}")
        found[f"{name}_iq"] = ArrayDeclaration("a.u.", f"{meaning}: mean of the shots of each point", along)
        found[f"{name}_sigma"] = ArrayDeclaration(
            "a.u.",
            f"{meaning}: standard errors, of I in the real part and of Q in the imaginary one",
            along,
            noise=True,
        )
        found[f"{name}_covariance"] = ArrayDeclaration(
            "a.u.^2", f"{meaning}: covariance of the means of I and Q", along, noise=True
        )
        if kind.has_ends:
            found[f"{name}_ends"] = ArrayDeclaration(
                "", f"{meaning}: which sequences were closed to end in 1", along
            )
        if one_of.shuffled:
            found[f"{name}_order"] = ArrayDeclaration(
                "", f"{meaning}: place of each point in the order of measurement", along
            )
    return found


def require_complete(raw: RawData) -> RawData:
    """Return `raw`, or raise `AnalysisError` if its program was interrupted."""
    if not raw.attributes.get(COMPLETE):
        raise AnalysisError("the measurement is incomplete: measure again")
    return raw
