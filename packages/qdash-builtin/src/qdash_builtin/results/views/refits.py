"""View models of previewed refits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.results.views.result_comparisons import (
    ComparedResultDocument,
    OutputComparisonDocument,
)
from qdash_core.documents.base import Document
from qdash_core.models.chip import ParameterModel
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
