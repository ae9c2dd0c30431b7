"""Operations of the history of a metric of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.requests.histories import CompleteHistoryQuery, HistoryQuery
from qdash_builtin.metrics.views.metric_history import (
    HistoryPointDocument,
    MetricHistoryDocument,
    make_history_csv,
)
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.documents.pages import PageOf
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.metrics.history import MetricHistory

operations = Operations("metrics", place=200)


@operations.get(
    "/metrics/chips/{chip_id}/history",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
    for_answers=True,
)
def metric_history(call: Call, chip_id: ChipId, query: HistoryQuery) -> PageOf[HistoryPointDocument]:
    """List all measured values of a metric of a target, newest first; a page may have fewer than `limit`."""
    page = call.qdash.get(METRICS).get_history_page(
        call.access, chip_id, query.target, query.metric, call.page, period=query.to_period()
    )
    return PageOf.from_page(page, HistoryPointDocument.from_point)


@operations.get(
    "/metrics/chips/{chip_id}/complete-history",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def complete_metric_history(
    call: Call, chip_id: ChipId, query: CompleteHistoryQuery
) -> MetricHistoryDocument:
    """Show all recorded values of a metric of a target, newest first, with the failed attempts and the cool-downs of the chip."""
    return MetricHistoryDocument.from_history(_get_history(call, chip_id, query))


@operations.get("/metrics/chips/{chip_id}/history-figure", needs=RequiredRole.VIEWER, slow=True)
def draw_metric_history(call: Call, chip_id: ChipId, query: CompleteHistoryQuery) -> FigureDocument:
    """Draw the recorded values of a metric of a target."""
    found = _get_history(call, chip_id, query)
    return FigureDocument.from_figure(
        call.qdash.registry.pictures().metric_history(found, zone=call.qdash.zone)
    )


@operations.get(
    "/metrics/chips/{chip_id}/history-file", needs=RequiredRole.VIEWER, media_type="text/csv", slow=True
)
def metric_history_file(call: Call, chip_id: ChipId, query: CompleteHistoryQuery) -> FileAnswer:
    """Download all recorded values of a metric of a target as CSV, newest first; times are in UTC."""
    found = _get_history(call, chip_id, query)
    contents = make_history_csv(found).encode()
    return FileAnswer([contents], name=f"{chip_id}-{found.target}-{query.metric}.csv", media_type="text/csv")


def _get_history(call: Call, chip_id: str, query: CompleteHistoryQuery) -> MetricHistory:
    return call.qdash.get(METRICS).get_history(
        call.access, chip_id, query.target, query.metric, period=query.to_period(), limit=query.newest
    )
