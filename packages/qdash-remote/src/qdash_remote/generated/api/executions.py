"""Operations with the tag `executions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.adoption import AdoptionDocument
    from qdash_core.documents.executions import (
        ExecutionDocument,
        ExecutionHeader,
        ExecutionView,
        SubmittedDocument,
    )
    from qdash_core.documents.pictures import FigureDocument
    from qdash_core.documents.progress import ProgressDocument
    from qdash_core.documents.timelines import TimelineDocument
    from qdash_core.models.request import RunRequest
    from qdash_core.resources.requests.results import ResultRerunRequest
    from qdash_core.resources.requests.runs import AdoptionRequest
    from qdash_remote.generated.client import AuthenticatedClient

ListExecutionsStatusItem = Literal["cancelled", "completed", "failed", "interrupted", "running", "scheduled"]
Verdict = Literal["accepted", "flagged", "rejected"]


@operation
def list_executions(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    status: list[ListExecutionsStatusItem] | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    user: str | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    task: str | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    before: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ExecutionHeader]]:
    """List executions, newest first."""
    from qdash_core.documents.executions import ExecutionHeader

    return send_request(
        client,
        "GET",
        "/executions",
        page_of(ExecutionHeader),
        params={
            "chip_id": chip_id,
            "status": status,
            "tag": tag,
            "user": user,
            "cooldown_id": cooldown_id,
            "task": task,
            "verdict": verdict,
            "since": since,
            "until": until,
            "before": before,
            "limit": limit,
            "after": after,
        },
    )


@operation
def submit_run(
    *,
    client: AuthenticatedClient,
    body: RunRequest,
    wait: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> Response[SubmittedDocument]:
    """Submit a run: it is recorded as scheduled, and queued for a worker."""
    from qdash_core.documents.executions import SubmittedDocument

    return send_request(
        client,
        "POST",
        "/executions",
        SubmittedDocument,
        status=202,
        params={"wait": wait},
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def interrupted_executions(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[ExecutionHeader]]:
    """List executions whose process died and that were not rerun since: each can be resumed."""
    from qdash_core.documents.executions import ExecutionHeader

    return send_request(
        client,
        "GET",
        "/executions/interrupted",
        page_of(ExecutionHeader),
        params={"limit": limit, "after": after},
    )


@operation
def show_execution(execution_id: str, *, client: AuthenticatedClient) -> Response[ExecutionView]:
    """Show an execution, by id or UUID of its flow run, with its stages and number of results by status."""
    from qdash_core.documents.executions import ExecutionView

    return send_request(client, "GET", f"/executions/{quote_segment(execution_id)}", ExecutionView)


@operation
def execution_header(execution_id: str, *, client: AuthenticatedClient) -> Response[ExecutionHeader]:
    """Show the status of an execution, without its stages."""
    from qdash_core.documents.executions import ExecutionHeader

    return send_request(client, "GET", f"/executions/{quote_segment(execution_id)}/header", ExecutionHeader)


@operation
def show_selected_results(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    task: list[str] | Unset = UNSET,
    outcome: list[str] | Unset = UNSET,
) -> Response[ExecutionDocument]:
    """Show an execution with its results, all or those that match each filter."""
    from qdash_core.documents.executions import ExecutionDocument

    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/selection",
        ExecutionDocument,
        params={"target": target, "task": task, "outcome": outcome},
    )


@operation
def execution_progress(execution_id: str, *, client: AuthenticatedClient) -> Response[ProgressDocument]:
    """Show the progress of an execution: planned tasks, outcomes, running tasks and remaining time."""
    from qdash_core.documents.progress import ProgressDocument

    return send_request(
        client, "GET", f"/executions/{quote_segment(execution_id)}/progress", ProgressDocument
    )


@operation
def execution_timeline(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    after_s: float | Unset = UNSET,
    target: list[str] | Unset = UNSET,
    task: list[str] | Unset = UNSET,
    outcome: list[str] | Unset = UNSET,
) -> Response[TimelineDocument]:
    """Show when an execution measured each task, in laboratory time: all results or those that match each
    filter."""
    from qdash_core.documents.timelines import TimelineDocument

    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/timeline",
        TimelineDocument,
        params={"after_s": after_s, "target": target, "task": task, "outcome": outcome},
    )


@operation
def timeline_figure(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    task: list[str] | Unset = UNSET,
    outcome: list[str] | Unset = UNSET,
) -> Response[FigureDocument]:
    """Draw when an execution measured each task, in laboratory time."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/timeline/figure",
        FigureDocument,
        params={"target": target, "task": task, "outcome": outcome},
    )


@operation
def resume_execution(
    execution_id: str, *, client: AuthenticatedClient, idempotency_key: str | Unset = UNSET
) -> Response[SubmittedDocument]:
    """Resume an execution that failed, was cancelled or was interrupted: it is queued again."""
    from qdash_core.documents.executions import SubmittedDocument

    return send_request(
        client,
        "POST",
        f"/executions/{quote_segment(execution_id)}/resume",
        SubmittedDocument,
        status=202,
        headers={"idempotency-key": idempotency_key},
    )


@operation
def rerun_failed(
    execution_id: str, *, client: AuthenticatedClient, idempotency_key: str | Unset = UNSET
) -> Response[SubmittedDocument]:
    """Rerun the tasks of an execution that did not complete, as a new execution."""
    from qdash_core.documents.executions import SubmittedDocument

    return send_request(
        client,
        "POST",
        f"/executions/{quote_segment(execution_id)}/rerun",
        SubmittedDocument,
        status=202,
        headers={"idempotency-key": idempotency_key},
    )


@operation
def rerun_result(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: ResultRerunRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[SubmittedDocument]:
    """Rerun a task result with its recorded inputs and run parameters, as a new execution."""
    from qdash_core.documents.executions import SubmittedDocument

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/rerun",
        SubmittedDocument,
        status=202,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def cancel_execution(
    flow_run_id: str, *, client: AuthenticatedClient, wait: bool | Unset = False
) -> Response[ExecutionHeader]:
    """Cancel an execution, by its id or the UUID of its flow run; only `resume` runs it again."""
    from qdash_core.documents.executions import ExecutionHeader

    return send_request(
        client,
        "POST",
        f"/executions/{quote_segment(flow_run_id)}/cancel",
        ExecutionHeader,
        status=202,
        params={"wait": wait},
    )


@operation
def adopt_values(
    execution_id: str, *, client: AuthenticatedClient, body: AdoptionRequest
) -> Response[AdoptionDocument]:
    """Make the accepted values of a simulated execution the values of its chip."""
    from qdash_core.documents.adoption import AdoptionDocument

    return send_request(
        client, "POST", f"/executions/{quote_segment(execution_id)}/adoption", AdoptionDocument, body=body
    )
