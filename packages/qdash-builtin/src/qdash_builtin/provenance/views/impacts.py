"""View models of the impact of a result: everything that used its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.provenance import NodeKind, parse_node

if TYPE_CHECKING:
    from qdash_core.models.provenance_graph import ProvenanceGraph


class AffectedResult(Document):
    """A result that used a value of another result, directly or through other results."""

    task_id: str
    name: str
    target: str = Field(validation_alias=AliasPath("qid"))
    execution_id: str
    outcome: str
    """Verdict if it completed, else its status."""
    start_at: UtcDatetime | None = None
    steps: int
    """Number of steps: 1 if it used a value of this result directly."""


class AffectedValue(Document):
    """A value in use that was measured with a value of a result, directly or through other results."""

    target: str
    parameter: str
    value: float | int
    error: float | None = None
    unit: str
    task_id: str
    start_at: UtcDatetime | None = None
    """Start of the result of this value."""
    steps: int


class AffectedRelease(Document):
    """A release that contains a value of the result, or one that was measured with it."""

    name: str
    created_at: UtcDatetime | None = None


class ImpactDocument(Document):
    """Impact of a result: everything that used its values, directly or through other results."""

    chip_id: str
    task_id: str
    name: str
    target: str = Field(validation_alias=AliasPath("qid"))
    in_use: list[str]
    """Parameters of the result itself that the chip uses now."""
    rejected: dict[str, Decision]
    """Decisions of users that rejected values of the result, by parameter."""
    results: list[AffectedResult]
    """Results that used its values, by number of steps, then last started first."""
    values: list[AffectedValue]
    """Values in use of these results."""
    releases: list[AffectedRelease]
    complete: bool
    """False if the largest number of results was reached."""

    @classmethod
    def from_graph(cls, graph: ProvenanceGraph) -> Self:
        """Return the view model of the graph of everything that used a result."""
        root = graph.nodes[graph.root]
        assert root.result is not None
        affected = sorted(
            (
                (node, node.result)
                for node in graph.nodes.values()
                if node.depth > 0 and node.result is not None
            ),
            key=lambda pair: (pair[0].depth, -(pair[1].start_at.timestamp() if pair[1].start_at else 0)),
        )
        return cls.from_record(
            root.result,
            in_use=list(root.in_use),
            rejected={name: one for name, one in root.result.decisions.items() if one.verdict == "rejected"},
            results=[AffectedResult.from_record(result, steps=node.depth) for node, result in affected],
            values=[
                AffectedValue.from_record(
                    result.output_parameters[name],
                    target=result.qid,
                    parameter=name,
                    task_id=result.task_id,
                    start_at=result.start_at,
                    steps=node.depth,
                )
                for node, result in affected
                for name in node.in_use
                if name in result.output_parameters
            ],
            releases=[
                AffectedRelease(
                    name=name.rpartition("/")[2],
                    created_at=node.released_at,
                )
                for node in graph.nodes.values()
                for kind, name in [parse_node(node.name)]
                if kind is NodeKind.RELEASE and node.depth > 0
            ],
            complete=graph.complete,
        )
