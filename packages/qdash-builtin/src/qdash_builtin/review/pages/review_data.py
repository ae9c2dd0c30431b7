"""Data of the review page: the flagged results, their figures, and recent failures."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_builtin.results.operations.results import list_results, result_figure
from qdash_builtin.review.operations import list_review
from qdash_core.errors import LoginError, NotOfferedError, QDashError
from qdash_core.models.targets import make_coupling_id
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.figures.views import FigureDocument
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View

_RECENT = timedelta(hours=24)
_MOST_FAILURES = 200
_PAGE = 100
FILTERS = ("qubits", "couplings", "task", "metric")
"""Query parameters that select flagged results."""
EVERY_STATE = "all"
"""Query parameter for superseded results and those of excluded targets, too."""


@dataclass
class ReviewContext:
    """Data that all results of a review share.

    Parameters
    ----------
    definitions : MetricDefinitionsDocument or None
        None if the host does not offer them.
    failures : sequence of ResultDocument
        Failures on the chip in the last 24 hours, newest first, at most 200.
    figures : dict
        Figures by result, or the reason why there is none.
    """

    definitions: MetricDefinitionsDocument | None
    couplings: Sequence[str]
    failures: Sequence[ResultDocument]
    figures: dict[str, FigureDocument | str]

    def load_figure(self, view: View, item: ReviewItemDocument) -> FigureDocument | str:
        """Return the figure of a result, loaded once, or the reason why there is none."""
        if not item.raw_data:
            return "This result has no raw data, so it has no figure."
        if item.task_id not in self.figures:
            try:
                self.figures[item.task_id] = view.ask(result_figure, item.task_id)
            except LoginError:
                raise
            except QDashError as error:
                return str(error)
        return self.figures[item.task_id]

    def list_nearby_failures(self, target: str) -> list[ResultDocument]:
        """Return the last recent failure of each task on each neighbour of a target, newest first."""
        near = find_neighbours(self.couplings, target)
        last: dict[tuple[str, str], ResultDocument] = {}
        for one in self.failures:
            if one.qid in near:
                last.setdefault((one.qid, one.name), one)
        return [*last.values()]


def load_context(view: View, chip_id: str) -> ReviewContext:
    """Load the shared data: three requests."""
    layout = view.ask(chip_topology, chip_id)
    since = view.now() - _RECENT
    failures = view.ask(
        list_results.paged(limit=_MOST_FAILURES), chip_id=chip_id, status=TaskStatus.FAILED, since=since
    )
    couplings = [make_coupling_id(*pair) for pair in layout.couplings]
    definitions = None
    with suppress(NotOfferedError):
        definitions = view.ask(metric_definitions, chip_id=chip_id)
    return ReviewContext(definitions, couplings, failures.items, {})


def find_neighbours(couplings: Iterable[str], target: str) -> set[str]:
    """Return the targets that share a qubit with a target, without the target itself.

    Of a qubit: its couplings, and the qubits at their other ends; of a coupling: its qubits, and their other couplings.
    """
    own = set(target.split("-"))
    touching = [one for one in couplings if own.intersection(one.split("-"))]
    ends = {end for one in touching for end in one.split("-")} if "-" not in target else own
    return {*touching, *ends} - {target}


def load_waiting(view: View, chip_id: str) -> list[ReviewItemDocument]:
    """Return the flagged results that the filters in the URL select: one request for 100 of them."""
    return list(view.every(list_review.paged(limit=_PAGE), chip_id, **read_filters(view)))


def read_filters(view: View) -> Mapping[str, Any]:
    """Return the filters in the URL as arguments of `list_review`."""
    given: dict[str, Any] = {name: text for name in FILTERS if (text := view.param(name))}
    return {**given, "every_state": True} if view.param(EVERY_STATE) else given
