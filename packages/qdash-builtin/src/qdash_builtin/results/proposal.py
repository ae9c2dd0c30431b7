"""Refit of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, JsonValue

from qdash_builtin.proposals.action import (
    ActionArguments,
    Confirmation,
    Name,
    Outcome,
    ProposalAction,
    write_json,
    write_value,
)
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_core.errors import InvalidInputError
from qdash_core.models.references import Reference
from qdash_core.models.target_lists import name_measurement
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_builtin.results.service import ResultService
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store


class RefitArguments(ActionArguments):
    """A result, and analysis options that differ from the recorded ones."""

    task_id: Annotated[Name, Field(description="Id of the result.")]
    options: Annotated[
        dict[str, JsonValue],
        Field(default={}, max_length=50, description="Analysis options of the task, see `show_task`."),
    ]


class RefitAction(ProposalAction[RefitArguments]):
    """Refit of a result."""

    kind = "refit"
    arguments = RefitArguments
    description = (
        "Proposes to analyse the raw data of a result again with other options, and to record the new result."
    )

    def __init__(self, store: Store, results: ResultService) -> None:
        self._store, self._results = store, results

    def resolve(self, access: Access, arguments: RefitArguments) -> RefitArguments:
        """Return the arguments with the whole id of the result."""
        task_id = match_result_id(self._store, access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: RefitArguments) -> tuple[str, str]:
        """Return the outcome of the refit, which is previewed."""
        task_id = arguments.task_id
        preview = self._results.preview_refit(access, task_id, options=arguments.options)
        refit = preview.refit
        if refit.status is not TaskStatus.COMPLETED:
            raise InvalidInputError(f"the refit of result {task_id} would fail: {refit.message}")
        outputs = [
            f"{one.parameter} {write_value(one.before)} → {write_value(one.after)}" for one in preview.outputs
        ]
        changed = ", ".join(one.parameter for one in preview.changes) or "no value"
        options = f" with {write_json(arguments.options)}" if arguments.options else ""
        summary = (
            f"Refit {name_measurement(refit.name, refit.qid)} (result {task_id}){options}: {', '.join(outputs)}; {refit.verdict or 'not judged'}. "
            f"It changes {changed} of the chip."
        )
        return summary, preview.basis

    def perform(self, access: Access, arguments: RefitArguments, basis: str, by: Confirmation) -> Outcome:
        """Record the refit, if it is still the described one."""
        result = self._results.refit(
            access,
            arguments.task_id,
            options=arguments.options,
            basis=basis,
            note=by.sign(arguments.reason),
            key=by.key,
        )
        return Outcome(
            f"refit of {name_measurement(result.name, result.qid)} recorded: {result.verdict or result.status}",
            Reference("result", result.task_id),
        )
