"""Operations of the provenance of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.requests.histories import TraceQuery, ValueTraceQuery
from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.service import select_directions
from qdash_builtin.provenance.views.impacts import ImpactDocument
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.path_parts import ChipId, TaskId
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from qdash_core.models.provenance_graph import ProvenanceGraph

operations = Operations("provenance", place=410)
_Metrics = Annotated[
    list[Annotated[str, Field(max_length=100)]] | None,
    Field(max_length=100, description="Parameters of the result whose uses are followed; default: all."),
    OnCommandLine(name="metrics", metavar="NAMES", splits_commas=True),
]


@operations.get(
    "/chips/{chip_id}/provenance", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True
)
def trace_value(call: Call, chip_id: ChipId, query: ValueTraceQuery) -> ProvenanceDocument:
    """Show what a value in use came from, and what used it."""
    return ProvenanceDocument.from_graph(_trace_value(call, chip_id, query))


@operations.get("/chips/{chip_id}/provenance-figure", needs=RequiredRole.VIEWER, slow=True)
def draw_provenance(call: Call, chip_id: ChipId, query: ValueTraceQuery) -> FigureDocument:
    """Draw what a value in use came from, and what used it."""
    return _draw(call, _trace_value(call, chip_id, query))


@operations.get(
    "/task-results/{task_id}/provenance", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True
)
def trace_result(call: Call, task_id: TaskId, query: TraceQuery) -> ProvenanceDocument:
    """Show what a result came from, and what used its values."""
    return ProvenanceDocument.from_graph(_trace_result(call, task_id, query))


@operations.get(
    "/task-results/{task_id}/provenance-figure",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def draw_provenance_of_result(call: Call, task_id: TaskId, query: TraceQuery) -> FigureDocument:
    """Draw what a result came from, and what used its values."""
    return _draw(call, _trace_result(call, task_id, query))


@operations.get(
    "/task-results/{task_id}/impact",
    needs=RequiredRole.VIEWER,
    command=Command("provenance impact"),
    for_assistants=True,
)
def show_impact(call: Call, task_id: TaskId, metric: _Metrics = None) -> ImpactDocument:
    """Show everything that depends on a result.

    These are the results that used its values, directly or through other results, values in use, and releases.
    """
    named = resolve_result_id(call, task_id)
    return ImpactDocument.from_graph(call.qdash.get(PROVENANCE).find_impact(call.access, named, metric))


def _trace_value(call: Call, chip_id: str, query: ValueTraceQuery) -> ProvenanceGraph:
    return call.qdash.get(PROVENANCE).trace_value(
        call.access,
        chip_id,
        query.target,
        query.metric,
        directions=select_directions(query.direction),
        depth=query.depth,
    )


def _trace_result(call: Call, task_id: str, query: TraceQuery) -> ProvenanceGraph:
    named = resolve_result_id(call, task_id)
    directions = select_directions(query.direction)
    return call.qdash.get(PROVENANCE).trace_result(
        call.access, named, directions=directions, depth=query.depth
    )


def _draw(call: Call, graph: ProvenanceGraph) -> FigureDocument:
    pictures = call.qdash.registry.pictures()
    return FigureDocument.from_figure(pictures.provenance(graph, now=utc_now(), zone=call.qdash.zone))
