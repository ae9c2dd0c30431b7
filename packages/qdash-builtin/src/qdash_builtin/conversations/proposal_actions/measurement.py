"""Run of one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, JsonValue

from qdash_builtin.proposals.action import (
    ActionArguments,
    ChangedTargets,
    Confirmation,
    Name,
    Outcome,
    ProposalAction,
    write_json,
)
from qdash_builtin.proposals.basis import make_basis
from qdash_builtin.results.result_query import ResultQuery
from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import PageRequest
from qdash_core.models.references import Reference
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from qdash_builtin.results.service import ResultService
    from qdash_builtin.runs.service import RunService
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access


class MeasureArguments(ActionArguments):
    """A task on targets of a chip."""

    chip_id: Name
    task: Annotated[Name, Field(description="Name of the task, such as CheckT1.")]
    targets: ChangedTargets
    run_parameters: Annotated[
        dict[str, JsonValue],
        Field(default={}, max_length=50, description="Run parameters of the task, see `show_task`."),
    ]


class MeasureAction(ProposalAction[MeasureArguments]):
    """Run of one task."""

    kind = "measure"
    arguments = MeasureArguments
    description = "Proposes to measure a task on targets again. A worker performs the run."

    def __init__(self, results: ResultService, runs: RunService, registry: Registry) -> None:
        self._results, self._runs, self._registry = results, runs, registry

    def describe(self, access: Access, arguments: MeasureArguments) -> tuple[str, str]:
        """Return the run, which is previewed. It depends on the newest results of the task."""
        request = self._make_request(arguments)
        preview = self._runs.preview(access, request, trusted_files=False)
        if not preview.measures:
            raise InvalidInputError(
                f"task {request.flow} would measure none of these targets of chip {arguments.chip_id}"
            )
        targets = arguments.targets
        newest = {}
        for target in targets:
            query = ResultQuery(chip_id=arguments.chip_id, task=request.flow, target=target)
            newest[target] = [one.task_id for one in self._results.page(access, query, PageRequest(1)).items]
        parameters = f" with {write_json(arguments.run_parameters)}" if arguments.run_parameters else ""
        summary = (
            f"Measure {request.flow} on {name_targets(targets)} of chip {arguments.chip_id}{parameters}."
        )
        return summary, make_basis(newest)

    def perform(self, access: Access, arguments: MeasureArguments, basis: str, by: Confirmation) -> Outcome:  # noqa: ARG002  the run itself is checked
        """Submit the run to the queue."""
        submission = self._runs.submissions.submit(
            access,
            self._make_request(arguments),
            key=by.key,
            trusted_files=False,
            drafted_by=by.drafted_by,
        )
        execution_id = submission.execution_id
        advice = f"; {submission.advice}" if submission.advice else ""
        return Outcome(
            f"execution {execution_id} submitted{advice}",
            Reference("execution", execution_id),
        )

    def _make_request(self, arguments: MeasureArguments) -> RunRequest:
        task = self._registry.any_task(arguments.task)  # never the name of a flow or a file
        targets = arguments.targets
        parameters = {task.name: dict(arguments.run_parameters)} if arguments.run_parameters else {}
        common: dict[str, Any] = {
            "chip_id": arguments.chip_id,
            "flow": task.name,
            "run_parameters": parameters,
        }
        if len(targets) == 1:
            return RunRequest(**common, single=targets[0])
        couplings = [one for one in targets if "-" in one]
        if couplings and len(couplings) < len(targets):
            raise InvalidInputError("a task measures either qubits or couplings: propose two measurements")
        selection = TargetSelection(couplings=targets) if couplings else TargetSelection(qubits=targets)
        return RunRequest(**common, targets=selection)
