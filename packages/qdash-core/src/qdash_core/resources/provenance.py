"""Operations of the provenance of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from qdash_core.clock import utc_now
from qdash_core.documents.impacts import ImpactDocument
from qdash_core.documents.pictures import FigureDocument
from qdash_core.documents.provenance import ProvenanceDocument
from qdash_core.operations.call import Call
from qdash_core.operations.given_ids import resolve_result_id
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId, TaskId
from qdash_core.operations.required_role import RequiredRole
from qdash_core.provenance.service import select_directions
from qdash_core.resources.metrics import Metric, Target

if TYPE_CHECKING:
    from qdash_core.provenance.graph import ProvenanceGraph

operations = Operations("provenance")
_Direction = Annotated[
    Literal["back", "forward"] | None,
    Field(description="back: only what it came from; forward: only what used it; default: both."),
]
_Metrics = Annotated[
    list[Annotated[str, Field(max_length=100)]] | None,
    Field(max_length=100, description="Parameters of the result whose uses are followed; default: all."),
]
_Depth = Annotated[
    int | None, Field(ge=1, le=1000, description="Largest number of steps in each direction; default: all.")
]


@operations.get(
    "/chips/{chip_id}/provenance", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True
)
def trace_value(
    call: Call,
    chip_id: ChipId,
    target: Target,
    metric: Metric,
    direction: _Direction = None,
    depth: _Depth = None,
) -> ProvenanceDocument:
    """Show what a value in use came from, and what used it."""
    return ProvenanceDocument.from_graph(_trace_value(call, chip_id, target, metric, direction, depth))


@operations.get("/chips/{chip_id}/provenance-figure", needs=RequiredRole.VIEWER, slow=True)
def draw_provenance(
    call: Call,
    chip_id: ChipId,
    target: Target,
    metric: Metric,
    direction: _Direction = None,
    depth: _Depth = None,
) -> FigureDocument:
    """Draw what a value in use came from, and what used it."""
    return _draw(call, _trace_value(call, chip_id, target, metric, direction, depth))


@operations.get(
    "/task-results/{task_id}/provenance", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True
)
def trace_result(
    call: Call, task_id: TaskId, direction: _Direction = None, depth: _Depth = None
) -> ProvenanceDocument:
    """Show what a result came from, and what used its values."""
    return ProvenanceDocument.from_graph(_trace_result(call, task_id, direction, depth))


@operations.get(
    "/task-results/{task_id}/provenance-figure",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def draw_provenance_of_result(
    call: Call, task_id: TaskId, direction: _Direction = None, depth: _Depth = None
) -> FigureDocument:
    """Draw what a result came from, and what used its values."""
    return _draw(call, _trace_result(call, task_id, direction, depth))


@operations.get("/task-results/{task_id}/impact", needs=RequiredRole.VIEWER, for_assistants=True)
def show_impact(call: Call, task_id: TaskId, metric: _Metrics = None) -> ImpactDocument:
    """Show everything that used the values of a result, directly or through other results."""
    named = resolve_result_id(call, task_id)
    return ImpactDocument.from_graph(call.qdash.provenance.find_impact(call.access, named, metric))


def _trace_value(
    call: Call,
    chip_id: str,
    target: str,
    metric: str,
    direction: Literal["back", "forward"] | None,
    depth: int | None,
) -> ProvenanceGraph:
    return call.qdash.provenance.trace_value(
        call.access, chip_id, target, metric, directions=select_directions(direction), depth=depth
    )


def _trace_result(
    call: Call, task_id: str, direction: Literal["back", "forward"] | None, depth: int | None
) -> ProvenanceGraph:
    named = resolve_result_id(call, task_id)
    directions = select_directions(direction)
    return call.qdash.provenance.trace_result(call.access, named, directions=directions, depth=depth)


def _draw(call: Call, graph: ProvenanceGraph) -> FigureDocument:
    pictures = call.qdash.registry.pictures()
    return FigureDocument.from_figure(pictures.provenance(graph, now=utc_now(), zone=call.qdash.zone))
