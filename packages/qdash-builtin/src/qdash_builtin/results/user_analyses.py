"""Users' own analyses of stored raw data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.parsing.similar_names import suggest
from qdash_core.values.gate import check_each, check_number, state_unit, to_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.task import AnalysisCurve
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.quantities import Quantity

LONGEST_MODEL = 200
"""Maximum number of characters of the model of an analysis."""
_LONGEST_NAME = 60
MOST_CURVE_POINTS = 2000
"""Maximum number of points of the curve of an analysis."""


@dataclass(frozen=True, slots=True)
class UserAnalysis:
    """A user's own analysis of the raw data of a result.

    Parameters
    ----------
    parameters : mapping of str to Parameter
        Estimates of outputs that the task declares, not necessarily of all. An empty unit stands for that of the quantity, in which results
        show it, whatever unit the task declares it in.
    model : str
        The model in words, such as `stretched exponential`.
    note : str
        Note of the author, attached to the new result.
    quality : mapping of str to float
        Figures of merit of the fit, by names of one word. The standard validators judge `reduced_chi2`.
    saved : bool
        Whether accepted values become the chip's, under the rules of a refit; False to record them only.
    curve : AnalysisCurve or None
        The fitted model for the figure of the result, on the axes of its measured points; None to draw only these.
    """

    parameters: Mapping[str, Parameter]
    model: str
    note: str = ""
    quality: Mapping[str, float] = field(default_factory=dict)
    saved: bool = True
    curve: AnalysisCurve | None = None

    def check(self, task: type[BaseTask], quantities: Mapping[str, Quantity]) -> dict[str, Parameter]:
        """Return the estimates with their units; raise InvalidInputError unless this can be an analysis of a result of a task."""
        self._check_texts()
        if not self.parameters:
            raise InvalidInputError(
                f"an analysis has at least one estimate of {', '.join(task.output_parameters) or 'nothing'}"
            )
        for name in self.parameters:
            if name not in task.output_parameters:
                raise InvalidInputError(
                    f"{task.name} has no output {name!r}{suggest(name, task.output_parameters)}"
                )
        stated = check_each(self.parameters, lambda name, given: state_unit(name, given, quantities[name]))
        self._check_quality()
        self._check_curve()
        return stated

    def _check_texts(self) -> None:
        for name, text in (("model", self.model), ("note", self.note)):
            if not isinstance(text, str):
                raise InvalidInputError(f"the {name} is text, not {text!r}")
        if not self.model.strip():
            raise InvalidInputError("an analysis needs its model in words, such as 'stretched exponential'")
        if len(self.model) > LONGEST_MODEL or not self.model.isprintable():
            raise InvalidInputError(
                f"the model is one line of at most {LONGEST_MODEL} characters: more belongs in the note"
            )

    def _check_quality(self) -> None:
        for name, figure in self.quality.items():
            if not name.isidentifier() or len(name) > _LONGEST_NAME:
                raise InvalidInputError(
                    f"a figure of merit cannot be named {name!r}: a name such as reduced_chi2 is one word of letters, digits and _"
                )
            try:
                check_number(name, Parameter(to_number(figure)))
            except TypeError:
                raise InvalidInputError(f"{name} must be a number, not {figure!r}") from None

    def _check_curve(self) -> None:
        if self.curve is None:
            return
        x, y = self.curve.x, self.curve.y
        if len(x) != len(y) or not 2 <= len(x) <= MOST_CURVE_POINTS:
            raise InvalidInputError(
                f"x and y of a curve have the same number of points, 2 to {MOST_CURVE_POINTS}, not {len(x)} and {len(y)}"
            )
        if not all(map(math.isfinite, (*x, *y))):
            raise InvalidInputError("a number of the curve is not finite: leave out such points")

    def as_request(self, task_id: str) -> dict[str, object]:
        """Return plain values that distinguish requests to record an analysis."""
        return {
            "analysed": task_id,
            "parameters": {
                name: [float(one.value), None if one.error is None else float(one.error), one.unit]
                for name, one in self.parameters.items()
            },
            "model": self.model,
            "note": self.note,
            "quality": {name: float(figure) for name, figure in self.quality.items()},
            "saved": self.saved,
            **({} if self.curve is None else {"curve": self.curve.model_dump()}),
        }
