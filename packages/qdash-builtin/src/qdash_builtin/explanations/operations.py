"""Operations of explanations: likely causes of the failures of results, targets and executions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_builtin.explanations.views import (
    ExecutionExplanationDocument,
    ExplanationDocument,
    NamedExplanationDocument,
)
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId, TaskId
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("explanations", place=390)
_Target = Annotated[
    str, Field(min_length=1, max_length=64, description="Id of a qubit or coupling, such as 3 or 3-4.")
]
_Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="A qubit or coupling, the id of an execution or `last`, or the id of a result; the beginning of an id is enough.",
    ),
    OnCommandLine(metavar="TASK_ID|TARGET|EXECUTION", is_argument=True),
]
_Chip = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Chip of a qubit or coupling; absent: the only one of the project.",
    ),
]


@operations.get(
    "/explanation",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command(
        "explain",
        help="Show the likely causes of a failure, with the evidence and the next step.\n\n"
        "For a target, the newest failed result is explained, or the first one since a value moved; for an execution (also `last`) "
        "each failed, flagged or unfit target, grouped by cause. Rules find the evidence in traces and records of the target and "
        "its neighbours; no language model is asked.",
    ),
)
def explain(call: Call, subject: _Subject, chip: _Chip = None) -> NamedExplanationDocument:
    """Show the likely causes of the failures of a result, a target or an execution that a user names."""
    return NamedExplanationDocument.from_explanation(
        call.qdash.get(EXPLANATIONS).explain(call.access, subject, chip)
    )


@operations.get(
    "/chips/{chip_id}/targets/{target}/explanation",
    needs=RequiredRole.VIEWER,
    slow=True,
    for_assistants=True,
    for_answers=True,
)
def explain_target(call: Call, chip_id: ChipId, target: _Target) -> ExplanationDocument:
    """Show the likely causes of the newest failure of a qubit or coupling, or of the move of a value, with the evidence and the next step."""
    found = call.qdash.get(EXPLANATIONS).explain_target(call.access, chip_id, target)
    return ExplanationDocument.from_explanation(found)


@operations.get(
    "/task-results/{task_id}/explanation",
    needs=RequiredRole.VIEWER,
    slow=True,
    for_assistants=True,
    for_answers=True,
)
def explain_result(call: Call, task_id: TaskId) -> ExplanationDocument:
    """Show the likely causes of the failure of a result, with the evidence and the next step."""
    found = call.qdash.get(EXPLANATIONS).explain_result(call.access, resolve_result_id(call, task_id))
    return ExplanationDocument.from_explanation(found)


@operations.get(
    "/executions/{execution_id}/explanation",
    needs=RequiredRole.VIEWER,
    slow=True,
    for_assistants=True,
    for_answers=True,
)
def explain_execution(call: Call, execution_id: ExecutionId) -> ExecutionExplanationDocument:
    """Show the likely causes of the failures of an execution, grouped by cause and shared resource."""
    found = call.qdash.get(EXPLANATIONS).explain_execution(call.access, execution_id)
    return ExecutionExplanationDocument.from_explanation(found)
