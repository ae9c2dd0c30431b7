"""Actions of proposals: their check against the record, and their performance."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.issues.texts import check_text, check_title, normalise_labels
from qdash_core.models.base import as_json_text
from qdash_core.models.chip import TargetStatus
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.models.proposal import ProposalDraft, ProposalKind
from qdash_core.models.quantities import format_quantity
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.results.result_query import ResultQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.service import ChipService
    from qdash_core.chips.targets import TargetService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.results.service import ResultService
    from qdash_core.runs.service import RunService
    from qdash_core.values.service import ValueService

LONGEST_REASON = 1000
MOST_TARGETS = 50
_Id = Annotated[str, Field(min_length=1, max_length=128)]
_Targets = Annotated[tuple[_Id, ...], Field(min_length=1, max_length=MOST_TARGETS)]
_Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REASON,
        description="Why the user should confirm it, in one or two sentences.",
    ),
]


class ActionArguments(BaseModel):
    """Arguments of a proposal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: _Reason


class RefitArguments(ActionArguments):
    """A result, and analysis options that differ from the recorded ones."""

    task_id: Annotated[_Id, Field(description="Id of the result.")]
    options: Annotated[
        dict[str, JsonValue],
        Field(default={}, max_length=50, description="Analysis options of the task, see `task_page`."),
    ]


class MeasureArguments(ActionArguments):
    """A task on targets of a chip."""

    chip_id: _Id
    task: Annotated[_Id, Field(description="Name of the task, such as CheckT1.")]
    targets: _Targets
    run_parameters: Annotated[
        dict[str, JsonValue],
        Field(default={}, max_length=50, description="Run parameters of the task, see `task_page`."),
    ]


class ExcludeArguments(ActionArguments):
    """Targets that flows leave out."""

    chip_id: _Id
    targets: _Targets


class DecisionArguments(ActionArguments):
    """A result, and the parameters to decide on."""

    task_id: Annotated[_Id, Field(description="Id of the result.")]
    parameters: Annotated[
        tuple[_Id, ...] | None,
        Field(
            default=None, min_length=1, max_length=100, description="Parameters; default: all of the result."
        ),
    ]


class IssueArguments(ActionArguments):
    """A laboratory issue."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(max_length=10_000, description="Description in Markdown.")]
    chip_id: _Id | None = None
    targets: Annotated[tuple[_Id, ...], Field(default=(), max_length=MOST_TARGETS)]
    task_id: Annotated[
        _Id | None, Field(default=None, description="Id of a result, which fills chip and target.")
    ]
    labels: Annotated[tuple[_Id, ...], Field(default=(), max_length=10)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Performed proposal.

    Parameters
    ----------
    text : str
        What was performed, in one sentence.
    route, page : str
        Paths of the record on the host, and of its page in the dashboard.
    """

    text: str
    route: str
    page: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Author and key of a confirmation.

    Parameters
    ----------
    drafted_by : str
        The assistant and the message of the draft, as records name them.
    key : str
        Idempotency key of the proposal.
    """

    drafted_by: str
    key: str

    def sign(self, reason: str) -> str:
        """Return a reason with its author."""
        return f"{reason} ({self.drafted_by})"


A = TypeVar("A", bound=ActionArguments)


class ProposalAction(Generic[A]):
    """Action of one kind of proposals.

    `describe` and `perform` take checked arguments; both raise QDashError if the record does not allow the action.
    """

    kind: ClassVar[ProposalKind]
    description: ClassVar[str]
    """Description for the model."""
    arguments: type[A]

    def parse(self, given: Mapping[str, Any]) -> A:
        """Return checked arguments; raise InvalidInputError with the first fault."""
        try:
            return self.arguments.model_validate(given)
        except ValidationError as error:
            where, message = find_first_error(error)
            raise InvalidInputError(f"proposal to {self.kind}: {where or 'arguments'}: {message}") from error

    def draft(self, access: Access, given: Mapping[str, Any]) -> ProposalDraft:
        """Return a proposal that the record allows now. Nothing is written.

        Raises
        ------
        AccessDeniedError
            If the user may not write.
        QDashError
            If the record does not allow it.
        """
        access.require(ProjectRole.EDITOR)
        arguments = self.resolve(access, self.parse(given))
        reason = check_text(arguments.reason, "reason")
        if not reason:
            raise InvalidInputError(f"proposal to {self.kind}: the reason is empty")
        summary, basis = self.describe(access, arguments)
        return ProposalDraft(
            kind=self.kind,
            arguments=arguments.model_dump(mode="json", exclude={"reason"}, exclude_defaults=True),
            summary=summary,
            reason=reason,
            basis=basis,
        )

    def resolve(self, access: Access, arguments: A) -> A:  # noqa: ARG002  most actions name no result
        """Return the arguments with the whole id of a result."""
        return arguments

    def describe(self, access: Access, arguments: A) -> tuple[str, str]:
        """Return what a confirmation performs, and a digest of the records that it depends on."""
        raise NotImplementedError

    def is_performed(self, access: Access, arguments: A, by: Confirmation) -> bool:  # noqa: ARG002  most actions have keys
        """Return whether an interrupted confirmation has performed the action, if its idempotency key cannot tell."""
        return False

    def perform(self, access: Access, arguments: A, basis: str, by: Confirmation) -> Outcome:
        """Perform the action with the rights of the user who confirms; a repeated call performs nothing more."""
        raise NotImplementedError


class RefitAction(ProposalAction[RefitArguments]):
    """Refit of a result."""

    kind = ProposalKind.REFIT
    description = (
        "Proposes to analyse the raw data of a result again with other options, and to record the new result."
    )

    def __init__(self, results: ResultService) -> None:
        self.arguments = RefitArguments
        self._results = results

    def resolve(self, access: Access, arguments: RefitArguments) -> RefitArguments:
        """Return the arguments with the whole id of the result."""
        task_id = self._results.resolve_id(access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: RefitArguments) -> tuple[str, str]:
        """Return the outcome of the refit, which is previewed."""
        task_id = arguments.task_id
        preview = self._results.preview_refit(access, task_id, options=arguments.options)
        refit = preview.refit
        if refit.status is not TaskStatus.COMPLETED:
            raise InvalidInputError(f"the refit of result {task_id} would fail: {refit.message}")
        outputs = [f"{one.parameter} {_write(one.before)} → {_write(one.after)}" for one in preview.outputs]
        changed = ", ".join(one.parameter for one in preview.changes) or "no value"
        options = f" with {_write_json(arguments.options)}" if arguments.options else ""
        summary = (
            f"Refit {refit.name} on {_name_targets([refit.qid])} (result {task_id}){options}: {', '.join(outputs)}; {refit.verdict or 'not judged'}. "
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
        return _make_result_outcome(
            access,
            result,
            f"refit of {result.name} on {_name_targets([result.qid])} recorded: {result.verdict or result.status}",
        )


class MeasureAction(ProposalAction[MeasureArguments]):
    """Run of one task."""

    kind = ProposalKind.MEASURE
    description = "Proposes to measure a task on targets again. A worker performs the run."

    def __init__(self, results: ResultService, runs: RunService, registry: Registry) -> None:
        self.arguments = MeasureArguments
        self._results, self._runs, self._registry = results, runs, registry

    def describe(self, access: Access, arguments: MeasureArguments) -> tuple[str, str]:
        """Return the run, which is previewed. It depends on the newest results of the task."""
        request = self._make_request(arguments)
        preview = self._runs.preview(access, request, trusted_files=False)
        if not preview.measures:
            raise InvalidInputError(
                f"task {request.flow} would measure none of these targets of chip {arguments.chip_id}"
            )
        targets = parse_targets(arguments.targets)
        newest = {}
        for target in targets:
            query = ResultQuery(chip_id=arguments.chip_id, task=request.flow, target=target)
            newest[target] = [one.task_id for one in self._results.page(access, query, PageRequest(1)).items]
        parameters = f" with {_write_json(arguments.run_parameters)}" if arguments.run_parameters else ""
        summary = (
            f"Measure {request.flow} on {_name_targets(targets)} of chip {arguments.chip_id}{parameters}."
        )
        return summary, _digest(newest)

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
            _make_route("executions", execution_id),
            _make_page("execution", access, execution=execution_id),
        )

    def _make_request(self, arguments: MeasureArguments) -> RunRequest:
        task = self._registry.any_task(arguments.task)  # never the name of a flow or a file
        targets = parse_targets(arguments.targets)
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


class ExcludeAction(ProposalAction[ExcludeArguments]):
    """Exclusion of targets from flows."""

    kind = ProposalKind.EXCLUDE
    description = "Proposes to exclude targets from the measurements of flows, with the reason as their note."

    def __init__(self, targets: TargetService) -> None:
        self.arguments = ExcludeArguments
        self._targets = targets

    def describe(self, access: Access, arguments: ExcludeArguments) -> tuple[str, str]:
        """Return the exclusion. It depends on the status and note of each target."""
        named = parse_targets(arguments.targets)
        states = {one: self._targets.show(access, arguments.chip_id, one).state for one in named}
        if aside := [target for target, state in states.items() if state.status.set_aside]:
            raise ConflictError(f"{', '.join(aside)} of chip {arguments.chip_id}: already excluded or dead")
        summary = f"Exclude {_name_targets(named)} of chip {arguments.chip_id} from flows."
        return summary, _digest({one: [state.status, state.note.content] for one, state in states.items()})

    def is_performed(self, access: Access, arguments: ExcludeArguments, by: Confirmation) -> bool:
        """Return whether the targets are excluded with the note of this proposal."""
        note = by.sign(arguments.reason)
        states = [
            self._targets.show(access, arguments.chip_id, one).state
            for one in parse_targets(arguments.targets)
        ]
        return all(one.status is TargetStatus.EXCLUDED and one.note.content == note for one in states)

    def perform(self, access: Access, arguments: ExcludeArguments, basis: str, by: Confirmation) -> Outcome:  # noqa: ARG002  compared by the caller
        """Exclude the targets."""
        named = parse_targets(arguments.targets)
        if not self.is_performed(access, arguments, by):
            note = by.sign(arguments.reason)
            self._targets.set_aside(access, arguments.chip_id, named, TargetStatus.EXCLUDED, note)
        return Outcome(
            f"{_name_targets(named)} of chip {arguments.chip_id} excluded",
            _make_route("chips", arguments.chip_id),
            _make_page("chip", access, chip=arguments.chip_id),
        )


class _DecisionAction(ProposalAction[DecisionArguments]):
    """Decision on a result."""

    _verdict: ClassVar[Verdict]
    _verb: ClassVar[str]

    def __init__(self, results: ResultService, values: ValueService) -> None:
        self.arguments = DecisionArguments
        self._results, self._values = results, values

    def resolve(self, access: Access, arguments: DecisionArguments) -> DecisionArguments:
        """Return the arguments with the whole id of the result."""
        task_id = self._results.resolve_id(access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: DecisionArguments) -> tuple[str, str]:
        """Return the decision. It depends on the verdict and the decisions so far."""
        result = self._results.show(access, arguments.task_id)
        names = _choose_parameters(result, arguments)
        verdicts = {name: _get_verdict(result, name) for name in names}
        if all(one == self._verdict for one in verdicts.values()):
            raise ConflictError(f"result {result.task_id} is already {self._verdict}")
        values = ", ".join(
            f"{name} = {_write(result.output_parameters[name])}"
            for name in names
            if name in result.output_parameters
        )
        summary = f"{self._verb} {result.name} on {_name_targets([result.qid])} (result {result.task_id}): {values}."
        return summary, _digest([result.status, verdicts])

    def perform(self, access: Access, arguments: DecisionArguments, basis: str, by: Confirmation) -> Outcome:  # noqa: ARG002  compared by the caller
        """Decide on the result."""
        decide = self._values.accept if self._verdict is Verdict.ACCEPTED else self._values.reject
        decided = decide(
            access,
            arguments.task_id,
            names=arguments.parameters,
            reason=by.sign(arguments.reason),
            key=by.key,
        )
        result = decided.result
        return _make_result_outcome(
            access,
            result,
            f"{result.name} on {_name_targets([result.qid])} {self._verdict} by value event {decided.event.number}",
        )


class AcceptAction(_DecisionAction):
    """Acceptance of a result."""

    kind = ProposalKind.ACCEPT
    description = "Proposes to accept a result, so that its values become the chip's."
    _verdict, _verb = Verdict.ACCEPTED, "Accept"


class RejectAction(_DecisionAction):
    """Rejection of a result."""

    kind = ProposalKind.REJECT
    description = "Proposes to reject a result, so that former values replace its own."
    _verdict, _verb = Verdict.REJECTED, "Reject"


class IssueAction(ProposalAction[IssueArguments]):
    """Opening of an issue."""

    kind = ProposalKind.ISSUE
    description = "Proposes a laboratory issue with a title, a text and links."

    def __init__(self, issues: IssueService, chips: ChipService, results: ResultService) -> None:
        self.arguments = IssueArguments
        self._issues, self._chips, self._results = issues, chips, results

    def resolve(self, access: Access, arguments: IssueArguments) -> IssueArguments:
        """Return the arguments with the whole id of the result."""
        if arguments.task_id is None:
            return arguments
        task_id = self._results.resolve_id(access, arguments.task_id)
        return arguments.model_copy(update={"task_id": task_id})

    def describe(self, access: Access, arguments: IssueArguments) -> tuple[str, str]:
        """Return the issue, whose links exist."""
        title, _ = check_title(arguments.title), check_text(arguments.text, "description")
        normalise_labels(arguments.labels)
        if arguments.chip_id is not None:
            chip = self._chips.show(access, arguments.chip_id)
            chip.require_targets(parse_targets(arguments.targets) if arguments.targets else ())
        elif arguments.targets and arguments.task_id is None:
            raise InvalidInputError("an issue on targets needs a chip: give `chip_id`")
        return f"Open an issue: {title}.", ""

    def perform(self, access: Access, arguments: IssueArguments, basis: str, by: Confirmation) -> Outcome:  # noqa: ARG002  depends on nothing
        """Open the issue."""
        links = arguments.model_dump(
            include={"chip_id", "targets", "task_id", "labels"}, exclude_defaults=True
        )
        fields = {name: [*value] if isinstance(value, tuple) else value for name, value in links.items()}
        body = f"{arguments.text}\n\n({by.drafted_by})"
        issue_id = self._issues.open(access, arguments.title, key=by.key, body=body, **fields).issue.issue_id
        return Outcome(
            f"issue {issue_id} opened",
            _make_route("issues", issue_id),
            _make_page("issue", access, issue=issue_id),
        )


def make_actions(
    *,
    results: ResultService,
    runs: RunService,
    registry: Registry,
    targets: TargetService,
    values: ValueService,
    issues: IssueService,
    chips: ChipService,
) -> list[ProposalAction[Any]]:
    """Return an action for each kind of proposals, performed by these services."""
    return [
        RefitAction(results),
        MeasureAction(results, runs, registry),
        ExcludeAction(targets),
        AcceptAction(results, values),
        RejectAction(results, values),
        IssueAction(issues, chips, results),
    ]


def _choose_parameters(result: TaskResultModel, arguments: DecisionArguments) -> list[str]:
    """Return the parameters to decide on; raise if the result has none, or not one of them."""
    if result.status is not TaskStatus.COMPLETED or not result.output_parameters:
        raise ConflictError(f"result {result.task_id} is {result.status} and has no values to decide on")
    names = [*(arguments.parameters or result.output_parameters)]
    for name in names:
        if name not in result.output_parameters:
            raise InvalidInputError(
                f"result {result.task_id} has no value {name!r} ({', '.join(result.output_parameters)})"
            )
    return names


def _get_verdict(result: TaskResultModel, name: str) -> str | None:
    decision = result.decisions.get(name)
    return result.verdict if decision is None else decision.verdict


def _name_targets(targets: Sequence[str]) -> str:
    """Return targets with their kind: `qubits 0, 1`."""
    couplings = sum("-" in one for one in targets)
    kind = "coupling" if couplings == len(targets) else "target" if couplings else "qubit"
    return f"{kind}{'s' if len(targets) > 1 else ''} {', '.join(targets)}"


def _write(value: ParameterModel | None) -> str:
    return "no value" if value is None else format_quantity(float(value.value), value.error, value.unit)


def _write_json(value: object) -> str:
    return as_json_text(value).decode()


def _digest(state: object) -> str:
    return hashlib.sha256(as_json_text(state)).hexdigest()[:16]


def _make_result_outcome(access: Access, result: TaskResultModel, text: str) -> Outcome:
    return Outcome(
        text, _make_route("task-results", result.task_id), _make_page("result", access, result=result.task_id)
    )


def _make_route(*parts: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _make_page(page: str, access: Access, **query: str) -> str:
    return f"{page}?{urlencode({'project': access.project_id, **query})}"
