"""Acceptance and rejection of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qdash_builtin.proposals.action import (
    ActionArguments,
    Confirmation,
    Name,
    Outcome,
    ProposalAction,
    write_value,
)
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.values.decisions import list_verdicts, make_decision_basis
from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.models.references import Reference
from qdash_core.models.target_lists import name_measurement
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_builtin.values.service import ValueService
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store


class DecisionArguments(ActionArguments):
    """A result, and the parameters to decide on."""

    task_id: Annotated[Name, Field(description="Id of the result.")]
    parameters: Annotated[
        tuple[Name, ...] | None,
        Field(
            default=None, min_length=1, max_length=100, description="Parameters; default: all of the result."
        ),
    ]


class _DecisionAction(ProposalAction[DecisionArguments]):
    """Decision on a result."""

    arguments = DecisionArguments
    _verdict: ClassVar[Verdict]
    _verb: ClassVar[str]

    def __init__(self, store: Store, values: ValueService) -> None:
        self._store, self._values = store, values

    def resolve(self, access: Access, arguments: DecisionArguments) -> DecisionArguments:
        """Return the arguments with the whole id of the result."""
        task_id = match_result_id(self._store, access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: DecisionArguments) -> tuple[str, str]:
        """Return the decision. It depends on the verdict and the decisions so far."""
        with self._store.read() as snapshot:
            results = Repositories(snapshot).of(TaskResultHistoryRepository)
            result = results.find(access.project_id, arguments.task_id)
        if result is None:
            raise NotFoundError(f"there is no result {arguments.task_id!r} in project {access.project_id}")
        names = self._choose_parameters(access, result, arguments)
        if all(one == self._verdict for one in list_verdicts(result, names).values()):
            raise ConflictError(f"result {result.task_id} is already {self._verdict}")
        values = ", ".join(f"{name} = {write_value(result.output_parameters[name])}" for name in names)
        summary = (
            f"{self._verb} {name_measurement(result.name, result.qid)} (result {result.task_id}): {values}."
        )
        return summary, make_decision_basis(result, names)

    def _choose_parameters(
        self, access: Access, result: TaskResultModel, arguments: DecisionArguments
    ) -> list[str]:
        """Return the parameters to decide on; raise if the result has none, not one of them, or only a part of a set is named."""
        if result.status is not TaskStatus.COMPLETED or not result.output_parameters:
            raise ConflictError(f"result {result.task_id} is {result.status} and has no values to decide on")
        return self._values.choose_names(
            access, result, arguments.parameters or None, verb=self._verb.lower()
        )

    def perform(self, access: Access, arguments: DecisionArguments, basis: str, by: Confirmation) -> Outcome:
        """Decide on the result, if its verdict and decisions are still the described ones."""
        decide = self._values.accept if self._verdict is Verdict.ACCEPTED else self._values.reject
        decided = decide(
            access,
            arguments.task_id,
            names=arguments.parameters,
            reason=by.sign(arguments.reason),
            basis=basis,
            key=by.key,
        )
        result = decided.result
        return Outcome(
            f"{name_measurement(result.name, result.qid)} {self._verdict} by value event {decided.event.number}",
            Reference("result", result.task_id),
        )


class AcceptAction(_DecisionAction):
    """Acceptance of a result."""

    kind = "accept"
    description = "Proposes to accept a result, so that its values become the chip's."
    _verdict, _verb = Verdict.ACCEPTED, "Accept"


class RejectAction(_DecisionAction):
    """Rejection of a result."""

    kind = "reject"
    description = "Proposes to reject a result, so that former values replace its own."
    _verdict, _verb = Verdict.REJECTED, "Reject"
