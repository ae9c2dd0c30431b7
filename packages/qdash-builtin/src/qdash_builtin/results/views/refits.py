"""View models of previewed refits."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.results.views.result_comparisons import (
    ComparedResultDocument,
    OutputComparisonDocument,
)
from qdash_core.documents.base import Document
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.task import RunParameterModel, TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_builtin.results.refits import RefitPreview


class RefitOutcomeDocument(Document):
    """Outcome of a previewed refit: verdict and fit quality."""

    status: TaskStatus
    verdict: Verdict | None = None
    reasons: list[str]
    message: str
    r2: float | None = None
    quality: dict[str, float]


class RefitChangeDocument(Document):
    """A value of the chip that a refit would change."""

    parameter: str
    before: ParameterModel | None = None
    """Absent if the chip has none."""
    after: ParameterModel


class FitPointsDocument(Document):
    """Points of the swept axis of a fit. In its figure, a point is at `factor` times its value plus `offset`."""

    xaxis: str
    """Axis of the figure as Plotly names it: x, x2."""
    unit: str
    """Unit of the values."""
    factor: float
    offset: float
    values: list[float]
    """All measured values, ascending, each once."""
    kept: list[bool]
    """True for each value that is fitted."""

    def select_window(self, low: float, high: float) -> str:
        """Return the fit window from the first to the last point between two places of the figure.

        Raises
        ------
        InvalidInputError
            If fewer than two points are there.
        """
        inside = [one for one in self.values if low <= self.locate(one) <= high]
        if len(inside) < 2:
            raise InvalidInputError(
                f"the window contains {len(inside)} of the points: drag over more of them"
            )
        scale = 10.0 ** self._count_decimals()
        ends = math.floor(inside[0] * scale) / scale, math.ceil(inside[-1] * scale) / scale
        return "..".join(map(_format_number, ends))

    def toggle_point(self, x: float, excluded: str) -> str:
        """Return the excluded points with the one nearest to a place of the figure added, or removed if it was among them.

        Raises
        ------
        InvalidInputError
            If the point is left out by the window or by its index.
        """
        place = self._find_nearest((x - self.offset) / self.factor)
        value = self.values[place]
        parts = [part.strip() for part in excluded.split(",") if part.strip()]
        if self.kept[place]:
            short = round(value, self._count_decimals())
            is_inside = self.values[0] <= short <= self.values[-1]
            return ",".join([*parts, f"@{_format_number(short if is_inside else value)}"])
        others = [
            part for part in parts if not part.startswith("@") or self._find_nearest(float(part[1:])) != place
        ]
        if len(others) == len(parts):
            raise InvalidInputError(
                f"the point at {value:.6g} {unit_symbol(self.unit)}".rstrip()
                + " is left out by the fit window or by its index: change the fields"
            )
        return ",".join(others)

    def locate(self, value: float) -> float:
        """Return the place of a value in the figure."""
        return self.factor * value + self.offset

    def _find_nearest(self, value: float) -> int:
        return min(range(len(self.values)), key=lambda place: abs(self.values[place] - value))

    def _count_decimals(self) -> int:
        """Return the number of decimals that tell neighbouring points apart."""
        step = min((after - before for before, after in pairwise(self.values)), default=1.0)
        return max(0, 1 - math.floor(math.log10(step)))


def _format_number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


class RefitPreviewDocument(Document):
    """A refit beside its original, before it is recorded."""

    name: str
    """The task."""
    chip_id: str
    qid: str
    """Empty for the whole chip."""
    original: ComparedResultDocument
    refit: RefitOutcomeDocument
    options: dict[str, RunParameterModel]
    """Analysis options of the refit that differ from their defaults."""
    n_points: int
    """Points on the axes of the fit; 0 if the task declares no axis."""
    n_fitted: int
    """Points that the options leave for the fit."""
    outputs: list[OutputComparisonDocument]
    """Every output of either analysis. The difference is in units of the combined error, as if they were independent; both
    use the same data, so that even a small difference comes from the analysis."""
    changes: list[RefitChangeDocument]
    """Values of the chip that would change."""
    unused: str
    """Reason why other values would not become the chip's; empty if all would."""
    figure: FigureDocument | None = None
    """Figure of the refit, if it is requested and its task draws one."""
    points: FitPointsDocument | None = None
    """Places of the points of the fit in the figure; absent if it shows none."""
    basis: str
    """Identifier of this preview: a refit that names it is recorded only if its outcome and the values of the chip are still the same."""

    @classmethod
    def from_preview(cls, preview: RefitPreview) -> Self:
        """Return the view model of a preview."""
        refit, figure = preview.refit, preview.figure
        return cls.from_record(
            preview,
            name=refit.name,
            chip_id=refit.chip_id,
            qid=refit.qid,
            original=ComparedResultDocument.from_result(preview.original),
            options=refit.analysis_options,
            figure=None if figure is None else FigureDocument.from_figure(figure),
            points=None if preview.points is None else FitPointsDocument.from_record(preview.points),
        )

    @property
    def remarks(self) -> list[str]:
        """Remarks on the meaning of the differences."""
        texts = ["Both analyses use the same data: their errors are not independent"]
        if self.n_fitted < self.n_points:
            texts.append(
                f"The error is right only if the {self.n_points - self.n_fitted} of {self.n_points} points were left out for a reason other "
                "than their distance from the fit"
            )
        return texts
