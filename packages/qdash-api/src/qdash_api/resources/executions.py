"""Executions: asked for, listed, shown, gone on with and cancelled. The host performs none of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ExecutionId
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_api.requests.notes import Since, Until
from qdash_core.documents.executions import ExecutionHeader, ExecutionView, SubmittedDocument
from qdash_core.documents.progress import ProgressDocument
from qdash_core.documents.timelines import TimelineDocument
from qdash_core.models.pages import Page
from qdash_core.models.request import RunRequest
from qdash_core.record.listing import ListedExecution
from qdash_core.runs.submission import Submission

routes = Routes("executions")

_After = Annotated[
    float | None,
    Query(
        allow_inf_nan=False, description="Only what began later, in seconds since the run began: `next_s`."
    ),
]

_Status = Literal["scheduled", "running", "interrupted", "completed", "failed", "cancelled"]
_Chip = Annotated[str | None, Query(max_length=128, description="Only those of one chip.")]
_Statuses = Annotated[
    tuple[_Status, ...], Query(max_length=6, description="Only those in one of these states.")
]
_User = Annotated[str | None, Query(max_length=128, description="Only those that this user began.")]
_Tag = Annotated[str, Query(max_length=64)]
_Tags = Annotated[
    tuple[_Tag, ...], Query(max_length=20, description="Only those that have all of these tags.")
]


@routes.post("/executions", needs=Needs.EDITOR, answers=SubmittedDocument, status=202, once=True)
def submit_run(
    call: Call,
    asked: RunRequest,
    wait: Annotated[bool, Query(description="False: refused while its chip is in use.")] = True,
) -> SubmittedDocument:
    """Ask for a run: it is recorded as scheduled and put into the queue, and a worker performs it."""
    submission = call.qdash.runs.submit(
        call.access, asked, wait=wait, key=call.idempotency_key, trusted_files=False
    )
    return _submitted(call, submission)


@routes.get("/executions", needs=Needs.VIEWER, answers=PageOf[ExecutionHeader])
def list_executions(
    call: Call,
    chip_id: _Chip = None,
    status: _Statuses = (),
    tag: _Tags = (),
    user: _User = None,
    since: Since = None,
    until: Until = None,
) -> PageOf[ExecutionHeader]:
    """Executions, newest first."""
    found = call.qdash.executions.page(
        call.access,
        call.page,
        chip_id=chip_id,
        statuses=status,
        tags=tag,
        username=user,
        since=since,
        until=until,
    )
    return PageOf[ExecutionHeader].of(found, _header)


@routes.get("/executions/interrupted", needs=Needs.VIEWER, answers=PageOf[ExecutionHeader])
def interrupted_executions(call: Call) -> PageOf[ExecutionHeader]:
    """Executions whose process died, and that were not run anew since: each can be resumed."""
    found = call.qdash.runs.interrupted(call.access)
    page = Page.of_all(found, call.page, lambda one: (one.execution_id,))
    return PageOf[ExecutionHeader].of(page, lambda one: ExecutionHeader.of(one, interrupted=True))


@routes.get("/executions/{execution_id}", needs=Needs.VIEWER, answers=ExecutionView, versioned=True)
def show_execution(call: Call, execution_id: ExecutionId) -> ExecutionView:
    """An execution with its stages and how many results are in which state, by its id or the UUID of its flow run."""
    seen = call.qdash.executions.seen(call.access, execution_id)
    view = ExecutionView.with_plan(seen.execution, interrupted=seen.interrupted)
    call.version_of(view)
    return view


@routes.get("/executions/{execution_id}/header", needs=Needs.VIEWER, answers=ExecutionHeader)
def execution_header(call: Call, execution_id: ExecutionId) -> ExecutionHeader:
    """How an execution stands, without its stages."""
    return _header(call.qdash.executions.seen(call.access, execution_id))


@routes.get("/executions/{execution_id}/progress", needs=Needs.VIEWER, answers=ProgressDocument)
def execution_progress(call: Call, execution_id: ExecutionId) -> ProgressDocument:
    """How far an execution is: what is planned, what came of it, what is measured, and how long the rest takes."""
    return ProgressDocument.of(*call.qdash.executions.how_far(call.access, execution_id))


@routes.get(
    "/executions/{execution_id}/timeline", needs=Needs.VIEWER, answers=TimelineDocument, versioned=True
)
def execution_timeline(call: Call, execution_id: ExecutionId, after_s: _After = None) -> TimelineDocument:
    """What an execution measured when, in the laboratory's time."""
    seq = call.qdash.events.place(call.access, None).seq
    if seq:
        call.version(f"{execution_id}-{seq}")
    execution, results = call.qdash.executions.timed(call.access, execution_id)
    return TimelineDocument.of(execution, results, after_s=after_s)


@routes.post(
    "/executions/{execution_id}/resume", needs=Needs.EDITOR, answers=SubmittedDocument, status=202, once=True
)
def resume_execution(call: Call, execution_id: ExecutionId) -> SubmittedDocument:
    """Go on with an execution that failed, was cancelled or interrupted: it is put into the queue."""
    meant = call.qdash.executions.meant(call.access, execution_id)
    return _submitted(call, call.qdash.runs.submit_resume(call.access, meant, key=call.idempotency_key))


@routes.post(
    "/executions/{execution_id}/rerun", needs=Needs.EDITOR, answers=SubmittedDocument, status=202, once=True
)
def rerun_failed(call: Call, execution_id: ExecutionId) -> SubmittedDocument:
    """Run again what did not complete in an execution, as a new one."""
    meant = call.qdash.executions.meant(call.access, execution_id)
    return _submitted(call, call.qdash.runs.submit_rerun(call.access, meant, key=call.idempotency_key))


@routes.post("/executions/{flow_run_id}/cancel", needs=Needs.EDITOR, answers=ExecutionHeader, status=202)
def cancel_execution(call: Call, flow_run_id: ExecutionId) -> ExecutionHeader:
    """Cancel an execution, by the UUID of its flow run or its id; what nobody performs ends at once, and only `resume` runs it again."""
    meant = call.qdash.executions.meant(call.access, flow_run_id)
    call.qdash.runs.cancel(call.access, meant, wait=False)
    return _header(call.qdash.executions.seen(call.access, meant))


def _header(seen: ListedExecution) -> ExecutionHeader:
    return ExecutionHeader.of(seen.execution, interrupted=seen.interrupted)


def _submitted(call: Call, submission: Submission) -> SubmittedDocument:
    if submission.replayed:
        call.headers["idempotency-replayed"] = "true"
    return SubmittedDocument.of(submission)
