"""Operations of executions: submit, list, show, resume, rerun and cancel. The host performs none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.stored_chip import read_judged_states
from qdash_builtin.record_lookup.call_ids import resolve_execution_id
from qdash_builtin.request_parts.option_forms import TASK, Since, Until
from qdash_builtin.request_parts.path_parts import ExecutionId
from qdash_builtin.runs.execution_lists import ExecutionFilter, ListedExecution
from qdash_builtin.runs.feature import EVENTS, EXECUTIONS, RUNS
from qdash_builtin.runs.requests import CooldownFilter, TagFilter, UserFilter
from qdash_builtin.runs.run_results import ResultSelection
from qdash_builtin.runs.timelines import list_stage_times, make_timeline
from qdash_builtin.runs.views.clocks import make_clocks
from qdash_builtin.runs.views.executions import (
    ExecutionDocument,
    ExecutionHeader,
    ExecutionView,
    RunChangesDocument,
    RunOutcomeDocument,
    SubmittedDocument,
)
from qdash_builtin.runs.views.progress import ProgressDocument
from qdash_builtin.runs.views.results import RunResultDocument
from qdash_builtin.runs.views.timelines import TimelineDocument
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import USUAL_PAGE, Page
from qdash_core.models.request import RunRequest
from qdash_core.models.task import Outcome, Verdict
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.runs.submission import Submission
    from qdash_core.models.marks import Mark

operations = Operations("executions", place=440)

_After = Annotated[
    float | None,
    Field(
        allow_inf_nan=False,
        description="Only tasks that began after this time, in seconds since the run began; `next_s` of the previous answer.",
    ),
]

_Since = Annotated[
    int | None, Field(ge=0, lt=2**63, description="`seq` of the previous answer; absent: all of the run.")
]
ListedStatus = Literal["scheduled", "running", "interrupted", "completed", "failed", "cancelled"]
_Chip = Annotated[str | None, Field(max_length=128, description="Only executions on this chip.")]
_Statuses = Annotated[
    tuple[ListedStatus, ...],
    Field(
        max_length=6,
        description="Only executions with one of these statuses; interrupted: their process died, also if they are recorded as failed since.",
    ),
    OnCommandLine(name="status", metavar="|".join(get_args(ListedStatus))),
]
_Before = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Only executions older than this one: an id, the beginning of one, or `last`.",
    ),
    OnCommandLine(name="after", metavar="ID|last"),
]
_Task = Annotated[
    str | None,
    Field(min_length=1, max_length=128, description="Only executions with a result of this task."),
    TASK,
]
_FilterName = Annotated[str, Field(min_length=1, max_length=128)]
_Targets = Annotated[
    tuple[_FilterName, ...],
    Field(max_length=5_000, description="Only results on one of these qubits and couplings."),
]
_Tasks = Annotated[
    tuple[_FilterName, ...],
    Field(max_length=200, description="Only results of one of these tasks or aliases."),
]
_Outcomes = Annotated[
    tuple[_FilterName, ...],
    Field(
        max_length=len(Outcome),
        description="Only last attempts with one of these outcomes, without refits.",
    ),
]
_Verdict = Annotated[
    Verdict | None,
    Field(description="Only executions with a result with this verdict, of the task if one is given."),
]


@operations.post(
    "/executions",
    needs=RequiredRole.EDITOR,
    status=202,
    idempotent=True,
    for_assistants=True,
)
def submit_run(
    call: Call,
    asked: RunRequest,
    wait: Annotated[bool, Field(description="False: refuse the run while its chip is in use.")] = True,
) -> SubmittedDocument:
    """Submit a run: it is recorded as scheduled, and queued for a worker."""
    require_shared_store(call)
    submission = call.qdash.get(RUNS).submissions.submit(
        call.access, asked, wait=wait, key=call.idempotency_key, trusted_files=call.trusted_files
    )
    return respond_submitted(call, submission)


@operations.get(
    "/executions",
    needs=RequiredRole.VIEWER,
    command=Command(
        "executions list",
        empty="no executions yet",
        limit=USUAL_PAGE,
        more="--after {execution_id}",
    ),
    for_assistants=True,
    for_answers=True,
)
def list_executions(
    call: Call,
    chip_id: _Chip = None,
    status: _Statuses = (),
    tag: TagFilter = (),
    user: UserFilter = None,
    cooldown_id: CooldownFilter = None,
    task: _Task = None,
    verdict: _Verdict = None,
    since: Since = None,
    until: Until = None,
    before: _Before = None,
) -> PageOf[ExecutionHeader]:
    """List executions, newest first."""
    only = ExecutionFilter(
        chip_id=chip_id,
        statuses=status,
        tags=tag,
        username=user,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
        task=task,
        verdict=verdict,
    )
    found = call.qdash.get(EXECUTIONS).page(call.access, call.page, only, before=before)
    return PageOf[ExecutionHeader].from_page(found, _make_header)


@operations.get("/executions/interrupted", needs=RequiredRole.VIEWER)
def interrupted_executions(call: Call) -> PageOf[ExecutionHeader]:
    """List executions whose process died and that were not rerun since: each can be resumed."""
    found = call.qdash.get(EXECUTIONS).list_interrupted(call.access)
    page = Page.from_all_items(found, call.page, lambda one: (one.execution_id,))
    return PageOf[ExecutionHeader].from_page(
        page, lambda one: ExecutionHeader.from_execution(one, interrupted=True)
    )


@operations.get(
    "/executions/{execution_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def show_execution(call: Call, execution_id: ExecutionId) -> ExecutionView:
    """Show an execution, by id or UUID of its flow run, with its stages and number of results by status."""
    displayed = call.qdash.get(EXECUTIONS).get_header(call.access, resolve_execution_id(call, execution_id))
    view = ExecutionView.from_execution(displayed.execution, interrupted=displayed.interrupted)
    call.set_version_from(view)
    return view


@operations.get("/executions/{execution_id}/header", needs=RequiredRole.VIEWER)
def execution_header(call: Call, execution_id: ExecutionId) -> ExecutionHeader:
    """Show the status of an execution, without its stages."""
    return _make_header(
        call.qdash.get(EXECUTIONS).get_header(call.access, resolve_execution_id(call, execution_id))
    )


@operations.get("/executions/{execution_id}/selection", needs=RequiredRole.VIEWER, slow=True)
def show_selected_results(
    call: Call,
    execution_id: ExecutionId,
    target: _Targets = (),
    task: _Tasks = (),
    outcome: _Outcomes = (),
) -> ExecutionDocument:
    """Show an execution with its results, all or those that match each filter."""
    only = ResultSelection(target, task, outcome)
    view = call.qdash.get(EXECUTIONS).select_results(call.access, execution_id, only)
    execution = view.displayed.execution
    stages = list_stage_times(execution, view.results)
    return ExecutionDocument.with_results(
        execution, stages, view.selected, interrupted=view.displayed.interrupted
    )


@operations.get("/executions/{execution_id}/changes", needs=RequiredRole.VIEWER)
def run_changes(call: Call, execution_id: ExecutionId, since: _Since = None) -> RunChangesDocument:
    """Show what has changed in a run. To follow it, repeat the request with `since` set to the last `seq` until it is over."""
    resolved_id = resolve_execution_id(call, execution_id)
    if call.trusted_files:  # elsewhere, workers do
        call.qdash.get(RUNS).end_dead(call.access)
    found = call.qdash.get(RUNS).read_changes(call.access, resolved_id, since)
    is_interrupted = call.qdash.record.is_interrupted(found.execution)
    return RunChangesDocument(
        seq=found.seq,
        is_over=found.is_over or (is_interrupted and not found.position.n_workers),
        reason=found.reason,
        execution=ExecutionView.from_execution(found.execution, interrupted=is_interrupted),
        running=found.running,
        results=[RunResultDocument.from_result(one, interrupted=is_interrupted) for one in found.results],
    )


@operations.get("/executions/{execution_id}/outcome", needs=RequiredRole.VIEWER)
def run_outcome(call: Call, execution_id: ExecutionId) -> RunOutcomeDocument:
    """Show how a run ended, and what it changed on its chip."""
    qdash, access = call.qdash, call.access
    resolved_id = resolve_execution_id(call, execution_id)
    execution = qdash.get(EXECUTIONS).get_header(access, resolved_id).execution
    request = execution.request
    marks: Mapping[Mark, int] = {}
    now_failed: Mapping[str, str] = {}
    if not (execution.simulated or execution.scope):
        chip = read_judged_states(qdash, access.project_id, execution.chip_id)
        marks, now_failed = chip.judgement.count_marks(), chip.find_failures(resolved_id)
    return RunOutcomeDocument.from_record(
        execution,
        **make_clocks(execution),
        flow=None if request is None or request.is_user_flow else request.flow,
        keeps_lab_time=execution.lab_seconds is not None,
        n_failed=qdash.get(EXECUTIONS).count_failed_tasks(access, resolved_id),
        marks=dict(marks),
        now_failed=dict(now_failed),
    )


@operations.get("/executions/{execution_id}/rerun", needs=RequiredRole.VIEWER)
def show_rerun_request(call: Call, execution_id: ExecutionId) -> RunRequest:
    """Show the request that repeats the failed tasks of an execution, and those that were skipped because of them."""
    return call.qdash.get(RUNS).submissions.rerun(call.access, resolve_execution_id(call, execution_id))


@operations.get(
    "/executions/{execution_id}/progress",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def execution_progress(call: Call, execution_id: ExecutionId) -> ProgressDocument:
    """Show the progress of an execution: planned tasks, outcomes, running tasks and remaining time."""
    resolved_id = resolve_execution_id(call, execution_id)
    return ProgressDocument.from_progress(*call.qdash.get(EXECUTIONS).get_progress(call.access, resolved_id))


@operations.get("/executions/{execution_id}/timeline", needs=RequiredRole.VIEWER, versioned=True)
def execution_timeline(
    call: Call,
    execution_id: ExecutionId,
    after_s: _After = None,
    target: _Targets = (),
    task: _Tasks = (),
    outcome: _Outcomes = (),
) -> TimelineDocument:
    """Show when an execution measured each task, in laboratory time: all results or those that match each filter."""
    resolved_id, only = resolve_execution_id(call, execution_id), ResultSelection(target, task, outcome)
    seq = call.qdash.get(EVENTS).get_position(call.access, None).seq
    if seq:
        call.set_version(f"{resolved_id}-{seq}")
    if not only:
        execution, results = call.qdash.get(EXECUTIONS).get_timings(call.access, resolved_id)
        return TimelineDocument.from_execution(execution, results, after_s=after_s)
    view = call.qdash.get(EXECUTIONS).select_results(call.access, resolved_id, only)
    return TimelineDocument.from_execution(
        view.displayed.execution, view.results, selected=view.selected, after_s=after_s
    )


@operations.get(
    "/executions/{execution_id}/timeline/figure",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def timeline_figure(
    call: Call,
    execution_id: ExecutionId,
    target: _Targets = (),
    task: _Tasks = (),
    outcome: _Outcomes = (),
) -> FigureDocument:
    """Draw when an execution measured each task, in laboratory time."""
    pictures, only = call.qdash.registry.pictures(), ResultSelection(target, task, outcome)
    view = call.qdash.get(EXECUTIONS).select_results(
        call.access, resolve_execution_id(call, execution_id), only
    )
    execution = view.displayed.execution
    stages = list_stage_times(execution, view.results)
    # A lower bound on the duration needs all results of the run.
    bound_s = 0.0 if only else sum(times.lower_bound_s for times in stages)
    blocks = [block for times in stages for block in times.blocks]
    figure = pictures.run_timeline(
        execution,
        make_timeline(execution, view.selected),
        bound_s=bound_s or None,
        **({"blocks": blocks} if blocks else {}),
    )
    return FigureDocument.from_figure(figure)


@operations.post(
    "/executions/{execution_id}/resume",
    needs=RequiredRole.EDITOR,
    status=202,
    idempotent=True,
    for_assistants=True,
)
def resume_execution(call: Call, execution_id: ExecutionId) -> SubmittedDocument:
    """Resume an execution that failed, was cancelled or was interrupted: it is queued again."""
    require_shared_store(call)
    resolved_id = resolve_execution_id(call, execution_id)
    return respond_submitted(
        call,
        call.qdash.get(RUNS).submissions.submit_resume(
            call.access, resolved_id, key=call.idempotency_key, trusted_files=call.trusted_files
        ),
    )


@operations.post(
    "/executions/{execution_id}/rerun",
    needs=RequiredRole.EDITOR,
    status=202,
    idempotent=True,
    for_assistants=True,
)
def rerun_failed(call: Call, execution_id: ExecutionId) -> SubmittedDocument:
    """Rerun the tasks of an execution that did not complete, as a new execution."""
    resolved_id = resolve_execution_id(call, execution_id)
    return respond_submitted(
        call,
        call.qdash.get(RUNS).submissions.submit_rerun(
            call.access, resolved_id, key=call.idempotency_key, trusted_files=call.trusted_files
        ),
    )


@operations.post(
    "/executions/{flow_run_id}/cancel",
    needs=RequiredRole.EDITOR,
    status=202,
    for_assistants=True,
)
def cancel_execution(call: Call, flow_run_id: ExecutionId) -> ExecutionHeader:
    """Cancel an execution, by its id or the UUID of its flow run; only `resume` runs it again.

    A host answers before the run has ended.
    """
    resolved_id = resolve_execution_id(call, flow_run_id)
    call.qdash.get(RUNS).cancel(call.access, resolved_id, wait=call.trusted_files)
    return _make_header(call.qdash.get(EXECUTIONS).get_header(call.access, resolved_id))


def require_shared_store(call: Call) -> None:
    """Raise InvalidInputError if a run is left to a worker, and the store of the home ends with the caller's process."""
    if call.trusted_files and not call.qdash.store.shared:
        raise InvalidInputError(
            "--detach: workers cannot use a store in memory; set QDASH_STORE_URL to another store"
        )


def _make_header(listed: ListedExecution) -> ExecutionHeader:
    return ExecutionHeader.from_execution(listed.execution, interrupted=listed.interrupted)


def respond_submitted(call: Call, submission: Submission) -> SubmittedDocument:
    """Return the answer to a submission."""
    if submission.replayed:
        call.set_replayed()
    return SubmittedDocument.from_record(submission)
