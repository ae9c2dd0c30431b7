"""Operations of the review of flagged results. Decisions use the routes of values."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import ChipId, TaskId
from qdash_builtin.review.feature import REVIEW
from qdash_builtin.review.query import ReviewQuery
from qdash_builtin.review.views import ReviewCountDocument, ReviewedResultsDocument, ReviewItemDocument
from qdash_builtin.values.requests.value_changes import CouplingList, MuxList, QubitList
from qdash_builtin.values.selection import TargetChoice
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("review", place=220)
_Task = Annotated[
    str | None, Field(min_length=1, max_length=128, description="Only results of this task, or of its alias.")
]
_Metric = Annotated[
    str | None,
    Field(min_length=1, max_length=100, description="Only results with a flagged value of this parameter."),
]
_Every = Annotated[
    bool,
    Field(
        alias="all",
        description="True to include superseded results and those of excluded targets; a page may then have fewer than `limit`.",
    ),
]


@operations.get(
    "/chips/{chip_id}/review",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def list_review(
    call: Call,
    chip_id: ChipId,
    qubits: QubitList = None,
    muxes: MuxList = None,
    couplings: CouplingList = None,
    task: _Task = None,
    metric: _Metric = None,
    every_state: _Every = False,
) -> PageOf[ReviewItemDocument]:
    """List the flagged results of a chip that await a decision, newest first."""
    query = ReviewQuery(
        TargetChoice.parse(qubits=qubits, muxes=muxes, couplings=couplings), task, metric, every_state
    )
    page = call.qdash.get(REVIEW).page(call.access, chip_id, query, call.page)
    return PageOf.from_page(page, ReviewItemDocument.from_item)


@operations.get("/chips/{chip_id}/review-ids", needs=RequiredRole.VIEWER)
def list_reviewed_results(
    call: Call,
    chip_id: ChipId,
    qubits: QubitList = None,
    muxes: MuxList = None,
    couplings: CouplingList = None,
    task: _Task = None,
    metric: _Metric = None,
    every_state: _Every = False,
) -> ReviewedResultsDocument:
    """List the ids of the flagged results of a chip that await a decision, newest first."""
    query = ReviewQuery(
        TargetChoice.parse(qubits=qubits, muxes=muxes, couplings=couplings), task, metric, every_state
    )
    task_ids = call.qdash.get(REVIEW).list_ids(call.access, chip_id, query)
    return ReviewedResultsDocument(chip_id=chip_id, task_ids=task_ids)


@operations.get("/chips/{chip_id}/review-count", needs=RequiredRole.VIEWER)
def count_review(call: Call, chip_id: ChipId) -> ReviewCountDocument:
    """Count the flagged results of a chip that await a decision."""
    return ReviewCountDocument(chip_id=chip_id, waiting=call.qdash.get(REVIEW).count(call.access, chip_id))


@operations.get(
    "/task-results/{task_id}/review",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def show_review(call: Call, task_id: TaskId) -> ReviewItemDocument:
    """Show a flagged result with its state, its values beside those in use, and the effect of an acceptance."""
    return ReviewItemDocument.from_item(call.qdash.get(REVIEW).show(call.access, task_id))
