"""Repository of the provenance of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.provenance import (
    ProvenanceEdge,
    ResultOrigins,
    iter_change_edges,
)
from qdash_core.repositories.base import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Range


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

    def add_changes(self, parts: Iterable[ValueChangeModel]) -> None:
        """Add the edges of the parts of a value event; those that many parts share, once."""
        edges = {(edge.subject, edge.object): edge for part in parts for edge in iter_change_edges(part)}
        self.add(edges.values())

    def delete(self, project_id: str, node: str | Range) -> None:
        """Remove the edges of a node, or of all nodes whose names are in a range."""
        with self._open_transaction() as transaction:
            for end in ("subject", "object"):
                transaction.delete(self.collection, {"project_id": project_id, end: node})

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
