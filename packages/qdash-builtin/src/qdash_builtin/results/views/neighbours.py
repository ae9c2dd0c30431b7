"""View models of the neighbours of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.results.neighbours import PlacedResult, ResultNeighbours


class PlacedResultDocument(Document):
    """Task, target and start of a result."""

    task_id: str
    name: str
    qid: str
    """Empty for the whole chip."""
    start_at: UtcDatetime | None = None


class ResultNeighboursDocument(Document):
    """Neighbours of a result, all of them measurements; absent ones do not exist."""

    earlier: PlacedResultDocument | None = None
    """Before it in time."""
    later: PlacedResultDocument | None = None
    """After it in time."""
    previous_target: PlacedResultDocument | None = None
    """Result of the task in the same night on the target before its own."""
    next_target: PlacedResultDocument | None = None
    """Result of the task in the same night on the target after its own."""
    with_data: PlacedResultDocument | None = None
    """Newest earlier result of its task on its target with raw data."""

    @classmethod
    def from_neighbours(cls, found: ResultNeighbours) -> Self:
        """Return the view model of neighbours."""

        def make(one: PlacedResult | None) -> PlacedResultDocument | None:
            return None if one is None else PlacedResultDocument.from_record(one)

        return cls(
            earlier=make(found.earlier),
            later=make(found.later),
            previous_target=make(found.previous_target),
            next_target=make(found.next_target),
            with_data=make(found.with_data),
        )
