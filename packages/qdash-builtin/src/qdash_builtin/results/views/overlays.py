"""View models of overlays of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_builtin.figures.views import FigureDocument
from qdash_core.documents.base import Document
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.base import UtcDatetime
from qdash_core.models.task import get_measurement

if TYPE_CHECKING:
    from qdash_builtin.results.overlays import Overlay


class OverlaidResultDocument(Document):
    """A result in an overlay."""

    task_id: str
    chip_id: str
    qid: str
    """Empty for the whole chip."""
    name: str
    measured_at: UtcDatetime | None = None
    """Start of the measurement."""
    analysis: str = ""
    """Name of a refit or of a user's analysis; empty for a measurement."""


class RefusedResultDocument(Document):
    """A result that is not in an overlay."""

    task_id: str
    """Id as it was given."""
    reason: str


class OverlayDocument(Document):
    """Figures of several results on the same axes."""

    figure: FigureDocument
    """The traces of a result have its id as `legendgroup`."""
    results: list[OverlaidResultDocument]
    refused: list[RefusedResultDocument]

    @classmethod
    def from_overlay(cls, overlay: Overlay) -> Self:
        """Return the view model of an overlay."""
        return cls(
            figure=FigureDocument.from_figure(overlay.figure),
            results=[
                OverlaidResultDocument(
                    task_id=one.task_id,
                    chip_id=one.chip_id,
                    qid=one.qid,
                    name=one.name,
                    measured_at=get_measurement(one).start_at,
                    analysis=name_analysis(one.analysis_model) if one.refit_of else "",
                )
                for one in overlay.results
            ],
            refused=[
                RefusedResultDocument(task_id=task_id, reason=reason)
                for task_id, reason in overlay.refused.items()
            ],
        )
