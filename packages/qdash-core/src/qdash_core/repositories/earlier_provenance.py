"""Edges of the records of stores before version 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.provenance import (
    ProvenanceEdge,
    ResultOrigins,
    iter_change_edges,
    iter_release_edges,
)
from qdash_core.models.task import TASK_ENDS
from qdash_core.models.value_change import ValueChangeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LINKED_COLLECTIONS = ("task_result_history", "value_change", "release_target")
"""Collections whose documents have edges."""


def iter_edges(
    collection: str, document: Mapping[str, Any], find_target: Callable[[str, str], str]
) -> Iterator[ProvenanceEdge]:
    """Yield the edges of a stored document of one of `LINKED_COLLECTIONS`.

    The document lacks the fields that older versions did not have. `find_target` returns the qubit or coupling of a
    result, given its project and id, or an empty text if there is no such result.
    """
    if collection == "value_change":
        yield from iter_change_edges(ValueChangeModel.model_validate(document))
    elif collection == "release_target":
        where = document["project_id"], document["chip_id"], document["name"]
        yield from iter_release_edges(*where, document["created_at"], [document["state"]])
    elif document.get("status") in TASK_ENDS and document.get("start_at") is not None:
        used = {one.get("task_id") for one in document.get("input_parameters", {}).values()}
        inputs = {one: find_target(document["project_id"], one) for one in sorted(filter(None, used))}
        origins = ResultOrigins(
            document["project_id"],
            document["chip_id"],
            document["task_id"],
            document["qid"],
            document["start_at"],
            inputs,
            document.get("refit_of"),
        )
        yield from origins.iter_edges()
