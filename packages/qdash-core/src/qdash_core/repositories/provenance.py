"""Repository of the provenance of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.provenance import (
    EdgeBrief,
    ProvenanceEdge,
    ResultOrigins,
    iter_change_edges,
)
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel

_MOST_NAMED = 2000
"""Largest number of nodes that a query names."""


class ProvenanceRepository(Repository[ProvenanceEdge]):
    """Edges between results, value events and releases, from each node to the earlier ones.

    The repositories of results, value changes and releases add the edges in the transaction of each record.
    """

    collection = "provenance"
    model = ProvenanceEdge

    def add_result(self, result: TaskResultModel) -> None:
        """Add the edges of a finished result."""
        if result.start_at is None:
            return
        targets = {one.task_id: one.target for one in result.input_parameters.values() if one.task_id}
        inputs = {
            task_id: self._find_target(result.project_id, task_id) if target is None else target
            for task_id, target in targets.items()
        }
        place = result.project_id, result.chip_id, result.task_id, result.qid, result.start_at
        self.add(ResultOrigins(*place, inputs, result.refit_of).iter_edges())

    def add_change(self, change: ValueChangeModel) -> None:
        """Add the edges of one part of a value event."""
        self.add(iter_change_edges(change))

    def delete(self, project_id: str, node: str | Range) -> None:
        """Remove the edges of a node, or of all nodes whose names are in a range."""
        with self._open_transaction() as transaction:
            for end in ("subject", "object"):
                transaction.delete(self.collection, {"project_id": project_id, end: node})

    def list_earlier(self, project_id: str, nodes: Collection[str]) -> list[EdgeBrief]:
        """Return the edges from these nodes to earlier ones."""
        return self._list_of("subject", project_id, nodes)

    def list_later(self, project_id: str, nodes: Collection[str]) -> list[EdgeBrief]:
        """Return the edges from later nodes to these."""
        return self._list_of("object", project_id, nodes)

    def list_before(
        self, project_id: str, chip_id: str, qid: str, moment: str, *, limit: int
    ) -> list[EdgeBrief]:
        """Return the last edges from the results on a target up to a time, newest first."""
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "subject_qid": qid}
        where["created_at"] = Range(most=moment)
        return self._list_edges(where, "-created_at", limit=limit)

    def list_after(self, project_id: str, qid: str, moment: str, *, limit: int) -> list[EdgeBrief]:
        """Return the first edges to the results on a target of any chip from a time on, oldest first.

        A value that was imported into another chip is that of the same result.
        """
        where: dict[str, Any] = {"project_id": project_id, "object_qid": qid}
        where["created_at"] = Range(least=moment)
        return self._list_edges(where, "created_at", limit=limit)

    def _list_of(self, end: str, project_id: str, nodes: Collection[str]) -> list[EdgeBrief]:
        wanted = list(nodes)
        parts = [OneOf(tuple(wanted[at : at + _MOST_NAMED])) for at in range(0, len(wanted), _MOST_NAMED)]
        return [
            edge for part in parts for edge in self._list_edges({"project_id": project_id, end: part}, end)
        ]

    def _list_edges(
        self, where: Mapping[str, Any], order: str, *, limit: int | None = None
    ) -> list[EdgeBrief]:
        return [EdgeBrief(*fields) for fields in self.select_briefs(where, order=(order,), limit=limit)]

    def add(self, edges: Iterable[ProvenanceEdge]) -> None:
        """Add edges, whose subject is new or which are stored already."""
        found = list(edges)
        if not found:
            return
        with self._open_transaction() as transaction:
            for edge in found:
                transaction.put(self.collection, edge.to_document())

    def _find_target(self, project_id: str, task_id: str) -> str:
        """Return the qubit or coupling of a result, or an empty text if there is no such result."""
        with self._open_snapshot() as snapshot:
            found = snapshot.get("task_result_history", (project_id, task_id))
        return "" if found is None else str(found["qid"])
