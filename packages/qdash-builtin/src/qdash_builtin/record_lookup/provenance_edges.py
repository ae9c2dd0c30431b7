"""Edges of provenance at nodes, targets and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.provenance import EdgeBrief
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.repositories.provenance import ProvenanceRepository

_MOST_NAMED = 2000
"""Largest number of nodes that a query names."""


def list_earlier(edges: ProvenanceRepository, project_id: str, nodes: Collection[str]) -> list[EdgeBrief]:
    """Return the edges from these nodes to earlier ones."""
    return _list_of(edges, "subject", project_id, nodes)


def list_later(edges: ProvenanceRepository, project_id: str, nodes: Collection[str]) -> list[EdgeBrief]:
    """Return the edges from later nodes to these."""
    return _list_of(edges, "object", project_id, nodes)


def list_before(
    edges: ProvenanceRepository, project_id: str, chip_id: str, qid: str, moment: str, *, limit: int
) -> list[EdgeBrief]:
    """Return the last edges from the results on a target up to a time, newest first."""
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "subject_qid": qid}
    where["created_at"] = Range(most=moment)
    return _list_edges(edges, where, "-created_at", limit=limit)


def list_after(
    edges: ProvenanceRepository, project_id: str, qid: str, moment: str, *, limit: int
) -> list[EdgeBrief]:
    """Return the first edges to the results on a target of any chip from a time on, oldest first.

    A value that was imported into another chip is that of the same result.
    """
    where: dict[str, Any] = {"project_id": project_id, "object_qid": qid}
    where["created_at"] = Range(least=moment)
    return _list_edges(edges, where, "created_at", limit=limit)


def _list_of(
    edges: ProvenanceRepository, end: str, project_id: str, nodes: Collection[str]
) -> list[EdgeBrief]:
    wanted = list(nodes)
    parts = [OneOf(tuple(wanted[at : at + _MOST_NAMED])) for at in range(0, len(wanted), _MOST_NAMED)]
    return [edge for part in parts for edge in _list_edges(edges, {"project_id": project_id, end: part}, end)]


def _list_edges(
    edges: ProvenanceRepository, where: Mapping[str, Any], order: str, *, limit: int | None = None
) -> list[EdgeBrief]:
    return [EdgeBrief(*fields) for fields in edges.select_briefs(where, order=(order,), limit=limit)]
