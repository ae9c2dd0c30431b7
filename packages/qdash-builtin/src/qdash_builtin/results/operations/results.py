"""Operations of task results: search, figures, raw data, refits, users' analyses, reruns, and the export of an execution."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.record_lookup.call_ids import resolve_execution_id, resolve_result_id
from qdash_builtin.request_parts.option_forms import EXECUTION, TARGET, TASK, Since, Until
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId, TaskId
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.requests import (
    AnalysisRequest,
    FilterText,
    OtherResult,
    OtherResults,
    OutcomeFilter,
    RawDataFormat,
    RefitPreviewRequest,
    RefitRequest,
    ResultRerunRequest,
    ResultSequence,
    Words,
)
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.results.result_reruns import make_rerun_request
from qdash_builtin.results.views.neighbours import ResultNeighboursDocument
from qdash_builtin.results.views.newest_results import NewestResultsDocument
from qdash_builtin.results.views.overlays import OverlayDocument
from qdash_builtin.results.views.raw_data import RawDataDocument
from qdash_builtin.results.views.refits import RefitPreviewDocument
from qdash_builtin.results.views.result_comparisons import ResultComparisonDocument
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.operations.executions import require_shared_store, respond_submitted
from qdash_builtin.runs.requests import CooldownFilter, TagFilter, UserFilter
from qdash_builtin.runs.views.executions import SubmittedDocument
from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.models.request import RunRequest
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("results", place=550)
_AfterResult = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Only results after this one, given by its id or the beginning of its id.",
    ),
    OnCommandLine(name="after", metavar="TASK_ID"),
]


@operations.get(
    "/task-results",
    needs=RequiredRole.VIEWER,
    command=Command(
        "task results",
        help="List task results, newest first.\n\nA refit has the time of its measurement, and is marked with its own.",
        empty="no results yet",
        limit=USUAL_PAGE,
        more="--after {task_id}",
    ),
    for_assistants=True,
    for_answers=True,
)
def list_results(
    call: Call,
    chip_id: Annotated[FilterText, Field(description="Only results on this chip.")] = None,
    execution_id: Annotated[
        FilterText, Field(description="Only results of this execution."), EXECUTION
    ] = None,
    task: Annotated[FilterText, Field(description="Only results of this task."), TASK] = None,
    target: Annotated[
        FilterText, Field(description="Only results on this qubit or coupling."), TARGET
    ] = None,
    status: Annotated[TaskStatus | None, Field(description="Only results with this status.")] = None,
    verdict: Annotated[Verdict | None, Field(description="Only results with this verdict.")] = None,
    outcome: OutcomeFilter = None,
    cooldown_id: CooldownFilter = None,
    tag: TagFilter = (),
    user: UserFilter = None,
    q: Words = None,
    since: Since = None,
    until: Until = None,
    after_result: _AfterResult = None,
) -> PageOf[ResultDocument]:
    """List the task results that match all filters, newest first."""
    query = ResultQuery(
        chip_id=chip_id,
        execution_id=resolve_execution_id(call, execution_id),
        task=task,
        target=target,
        status=status,
        verdict=verdict,
        outcome=outcome,
        cooldown_id=cooldown_id,
        tags=tag,
        username=user,
        text=q,
        since=since,
        until=until,
    )
    page = call.qdash.get(RESULTS).page(call.access, query, call.page, after=after_result)
    return PageOf[ResultDocument].from_page(page, ResultDocument.from_record)


@operations.get(
    "/chips/{chip_id}/newest-results",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def newest_results(call: Call, chip_id: ChipId) -> NewestResultsDocument:
    """Show the tasks with results on a chip, and the status of the newest result on each target."""
    return NewestResultsDocument.from_results(
        chip_id, call.qdash.get(RESULTS).summarise_newest(call.access, chip_id)
    )


@operations.get("/executions/{execution_id}/results", needs=RequiredRole.VIEWER)
def execution_results(
    call: Call,
    execution_id: ExecutionId,
    task: FilterText = None,
    target: FilterText = None,
    status: TaskStatus | None = None,
    verdict: Verdict | None = None,
) -> PageOf[ResultDocument]:
    """List the task results of an execution, newest first."""
    query = ResultQuery(execution_id=execution_id, task=task, target=target, status=status, verdict=verdict)
    return PageOf[ResultDocument].from_page(
        call.qdash.get(RESULTS).page(call.access, query, call.page), ResultDocument.from_record
    )


@operations.get(
    "/executions/{execution_id}/export", needs=RequiredRole.VIEWER, media_type="application/zip", slow=True
)
def export_execution(call: Call, execution_id: ExecutionId) -> FileAnswer:
    """Export an execution as a ZIP file: its task results as lines of JSON, with their raw data."""
    pieces = call.qdash.get(RESULTS).make_archive(call.access, execution_id)
    return FileAnswer(pieces, name=f"{execution_id}.zip", media_type="application/zip")


@operations.get(
    "/task-results/{task_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def show_result(call: Call, task_id: TaskId) -> RecordedResult:
    """Show a task result with all its data."""
    results = call.qdash.get(RESULTS)
    shown = results.show(call.access, resolve_result_id(call, task_id))
    interrupted = shown.status is TaskStatus.RUNNING and results.is_interrupted(call.access, shown.task_id)
    result = RecordedResult.from_record(shown, interrupted=interrupted)
    call.set_version_from(result)  # decisions, tags and removed data change it after its end
    return result


@operations.get(
    "/task-results/{task_id}/comparison",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def compare_results(call: Call, task_id: TaskId, other: OtherResult = None) -> ResultComparisonDocument:
    """Compare a task result with an earlier one: outputs, inputs, run parameters, software and laboratory."""
    return ResultComparisonDocument.from_comparison(
        call.qdash.get(RESULTS).compare(call.access, task_id, other)
    )


@operations.get("/task-results/{task_id}/neighbours", needs=RequiredRole.VIEWER)
def result_neighbours(
    call: Call,
    task_id: TaskId,
    along: Annotated[
        ResultSequence,
        Field(description="Sequence in time: of the task on the target, the target or the execution."),
    ] = ResultSequence.TASK,
) -> ResultNeighboursDocument:
    """Show the results before and after a task result in time, and those of its task on the neighbouring targets."""
    return ResultNeighboursDocument.from_neighbours(
        call.qdash.get(RESULTS).find_neighbours(call.access, resolve_result_id(call, task_id), along)
    )


@operations.get("/task-results/{task_id}/figure", needs=RequiredRole.VIEWER, slow=True)
def result_figure(call: Call, task_id: TaskId) -> FigureDocument:
    """Draw the figure of a task result from its raw data."""
    return FigureDocument.from_figure(
        call.qdash.get(RESULTS).figure(call.access, resolve_result_id(call, task_id))
    )


@operations.get("/task-results/{task_id}/overlay", needs=RequiredRole.VIEWER, slow=True)
def overlay_results(call: Call, task_id: TaskId, other: OtherResults = ()) -> OverlayDocument:
    """Draw the figures of a task result and of others on the same axes; those that do not fit are refused with the reason."""
    named = resolve_result_id(call, task_id)
    return OverlayDocument.from_overlay(call.qdash.get(RESULTS).overlay(call.access, named, other))


@operations.get("/task-results/{task_id}/raw-data", needs=RequiredRole.VIEWER, slow=True)
def raw_data(call: Call, task_id: TaskId) -> RawDataDocument:
    """Return the raw data of a task result as numbers."""
    named = resolve_result_id(call, task_id)
    return RawDataDocument.from_raw_data(named, call.qdash.get(RESULTS).load_raw_data(call.access, named))


@operations.get(
    "/task-results/{task_id}/raw-data-file", needs=RequiredRole.VIEWER, media_type="application/octet-stream"
)
def raw_data_file(
    call: Call,
    task_id: TaskId,
    format: Annotated[  # noqa: A002  as in the address
        RawDataFormat, Field(description="NumPy archive as stored, CSV table or NetCDF 3.")
    ] = RawDataFormat.NPZ,
) -> FileAnswer:
    """Download the raw data of a task result as a NumPy archive (.npz), a CSV table or a NetCDF file (.nc)."""
    named = resolve_result_id(call, task_id)
    results = call.qdash.get(RESULTS)
    match format:
        case RawDataFormat.NPZ:
            pieces = results.open_raw_data_file(call.access, named)
        case RawDataFormat.CSV:
            table = RawDataDocument.from_raw_data(named, results.load_raw_data(call.access, named))
            pieces = iter((table.as_csv().encode(),))
        case RawDataFormat.NETCDF:
            pieces = iter((results.make_netcdf(call.access, named),))
    return FileAnswer(pieces, name=f"{named}.{format}", media_type="application/octet-stream")


@operations.post(
    "/task-results/{task_id}/refit-preview",
    needs=RequiredRole.VIEWER,
    slow=True,
    reads=True,
)
def preview_refit(call: Call, task_id: TaskId, body: RefitPreviewRequest) -> RefitPreviewDocument:
    """Analyse the raw data of a task result again, and compare both analyses without recording anything."""
    named = resolve_result_id(call, task_id)
    return RefitPreviewDocument.from_preview(
        call.qdash.get(RESULTS).preview_refit(
            call.access, named, options=body.options, figure=bool(body.figure)
        )
    )


@operations.post("/task-results/{task_id}/refit", needs=RequiredRole.EDITOR, status=201, slow=True)
def refit_result(call: Call, task_id: TaskId, body: RefitRequest) -> RecordedResult:
    """Analyse the raw data of a task result again, and record the new result."""
    named = resolve_result_id(call, task_id)
    return RecordedResult.from_record(
        call.qdash.get(RESULTS).refit(
            call.access, named, options=body.options, basis=body.basis, note=body.note
        )
    )


@operations.post(
    "/task-results/{task_id}/analyses",
    needs=RequiredRole.EDITOR,
    status=201,
    slow=True,
    idempotent=True,
)
def record_analysis(call: Call, task_id: TaskId, body: AnalysisRequest) -> RecordedResult:
    """Record a user's own analysis of the raw data of a task result as a new result, validated like any other."""
    named = resolve_result_id(call, task_id)
    return RecordedResult.from_record(
        call.qdash.get(RESULTS).record_analysis(
            call.access, named, body.to_analysis(), key=call.idempotency_key
        )
    )


@operations.post(
    "/task-results/{task_id}/rerun",
    needs=RequiredRole.EDITOR,
    status=202,
    idempotent=True,
    for_assistants=True,
)
def rerun_result(call: Call, task_id: TaskId, body: ResultRerunRequest) -> SubmittedDocument:
    """Rerun a task result with its recorded inputs and run parameters, as a new execution."""
    require_shared_store(call)
    resolved_id = resolve_result_id(call, task_id)
    request = make_rerun_request(call.qdash, call.access, resolved_id, scope=body.scope)
    submitted = call.qdash.get(RUNS).submissions.submit(
        call.access, request, key=call.idempotency_key, trusted_files=call.trusted_files
    )
    return respond_submitted(call, submitted)


@operations.get("/task-results/{task_id}/rerun", needs=RequiredRole.VIEWER)
def show_result_rerun_request(
    call: Call,
    task_id: TaskId,
    scope: Annotated[
        str | None, Field(min_length=1, max_length=64, description="Value scope that gets the values.")
    ] = None,
) -> RunRequest:
    """Show the request that measures a result again with its recorded inputs and run parameters."""
    resolved_id = resolve_result_id(call, task_id)
    return make_rerun_request(call.qdash, call.access, resolved_id, scope=scope)
