"""View models of the impact of a result: everything that used its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.decision import Decision
from qdash_core.models.provenance import NodeKind, parse_node

if TYPE_CHECKING:
    from qdash_core.provenance.graph import ProvenanceGraph

_TASK_ID = "9f0c2f7a-54f6-4f34-9a4c-0f6a3d7f8f11"
_STARTED = "2026-11-21T06:15:59.737964Z"
_AFFECTED_RESULT: dict[str, Any] = {
    "task_id": _TASK_ID,
    "name": "CheckT1",
    "target": "0",
    "execution_id": "20261121-003",
    "outcome": "accepted",
    "start_at": _STARTED,
    "steps": 1,
}
_AFFECTED_VALUE: dict[str, Any] = {
    "target": "0",
    "parameter": "t1",
    "value": 81.5,
    "error": 1.3,
    "unit": "us",
    "task_id": _TASK_ID,
    "start_at": _STARTED,
    "steps": 1,
}
_AFFECTED_RELEASE: dict[str, Any] = {"name": "2026-11-21", "created_at": "2026-11-21T07:00:00.100000Z"}


class AffectedResult(Document):
    """A result that used a value of another result, directly or through other results."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AFFECTED_RESULT]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [_AFFECTED_VALUE]})

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

    model_config = ConfigDict(json_schema_extra={"examples": [_AFFECTED_RELEASE]})

    name: str
    created_at: UtcDatetime | None = None


class ImpactDocument(Document):
    """Impact of a result: everything that used its values, directly or through other results."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "a",
                    "task_id": "3d1a7c55-0b1e-4d5c-9a40-5e1d0c3a2b10",
                    "name": "CheckRamsey",
                    "target": "0",
                    "in_use": ["qubit_frequency"],
                    "rejected": {},
                    "results": [_AFFECTED_RESULT],
                    "values": [_AFFECTED_VALUE],
                    "releases": [_AFFECTED_RELEASE],
                    "complete": True,
                }
            ]
        }
    )

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
