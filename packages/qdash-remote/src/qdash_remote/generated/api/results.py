"""Operations with the tag `results`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.newest_results import NewestResultsDocument
    from qdash_core.documents.pictures import FigureDocument
    from qdash_core.documents.raw_data import RawDataDocument
    from qdash_core.documents.refits import RefitPreviewDocument
    from qdash_core.documents.result_comparisons import ResultComparisonDocument
    from qdash_core.documents.results import RecordedResult, ResultDocument
    from qdash_core.resources.requests.results import AnalysisRequest, RefitPreviewRequest, RefitRequest
    from qdash_remote.generated.client import AuthenticatedClient

Outcome = Literal[
    "accepted",
    "cancelled",
    "completed",
    "failed",
    "flagged",
    "pending",
    "rejected",
    "running",
    "scheduled",
    "skipped",
]
TaskStatus = Literal["cancelled", "completed", "failed", "pending", "running", "scheduled", "skipped"]
Verdict = Literal["accepted", "flagged", "rejected"]


@operation
def list_results(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    outcome: Outcome | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    user: str | Unset = UNSET,
    q: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    after_result: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ResultDocument]]:
    """List the task results that match all filters, newest first."""
    from qdash_core.documents.results import ResultDocument

    return send_request(
        client,
        "GET",
        "/task-results",
        page_of(ResultDocument),
        params={
            "chip_id": chip_id,
            "execution_id": execution_id,
            "task": task,
            "target": target,
            "status": status,
            "verdict": verdict,
            "outcome": outcome,
            "cooldown_id": cooldown_id,
            "tag": tag,
            "user": user,
            "q": q,
            "since": since,
            "until": until,
            "after_result": after_result,
            "limit": limit,
            "after": after,
        },
    )


@operation
def newest_results(chip_id: str, *, client: AuthenticatedClient) -> Response[NewestResultsDocument]:
    """Show the tasks with results on a chip, and the status of the newest result on each target."""
    from qdash_core.documents.newest_results import NewestResultsDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/newest-results", NewestResultsDocument
    )


@operation
def execution_results(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ResultDocument]]:
    """List the task results of an execution, newest first."""
    from qdash_core.documents.results import ResultDocument

    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/results",
        page_of(ResultDocument),
        params={
            "task": task,
            "target": target,
            "status": status,
            "verdict": verdict,
            "limit": limit,
            "after": after,
        },
    )


@operation
def export_execution(execution_id: str, *, client: AuthenticatedClient) -> Response[None]:
    """Export an execution as a ZIP file: its task results as lines of JSON, with their raw data."""
    return send_request(client, "GET", f"/executions/{quote_segment(execution_id)}/export", NoneType)


@operation
def show_result(task_id: str, *, client: AuthenticatedClient) -> Response[RecordedResult]:
    """Show a task result with all its data."""
    from qdash_core.documents.results import RecordedResult

    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}", RecordedResult)


@operation
def compare_results(
    task_id: str, *, client: AuthenticatedClient, other: str | Unset = UNSET
) -> Response[ResultComparisonDocument]:
    """Compare a task result with an earlier one: outputs, inputs, run parameters, software and laboratory."""
    from qdash_core.documents.result_comparisons import ResultComparisonDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/comparison",
        ResultComparisonDocument,
        params={"other": other},
    )


@operation
def result_figure(task_id: str, *, client: AuthenticatedClient) -> Response[FigureDocument]:
    """Draw the figure of a task result from its raw data."""
    from qdash_core.documents.pictures import FigureDocument

    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}/figure", FigureDocument)


@operation
def raw_data(task_id: str, *, client: AuthenticatedClient) -> Response[RawDataDocument]:
    """Return the raw data of a task result as numbers."""
    from qdash_core.documents.raw_data import RawDataDocument

    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}/raw-data", RawDataDocument)


@operation
def raw_data_file(task_id: str, *, client: AuthenticatedClient) -> Response[None]:
    """Download the raw data of a task result as a NumPy archive (.npz)."""
    return send_request(client, "GET", f"/task-results/{quote_segment(task_id)}/raw-data-file", NoneType)


@operation
def preview_refit(
    task_id: str, *, client: AuthenticatedClient, body: RefitPreviewRequest
) -> Response[RefitPreviewDocument]:
    """Analyse the raw data of a task result again, and compare both analyses without recording anything."""
    from qdash_core.documents.refits import RefitPreviewDocument

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/refit-preview",
        RefitPreviewDocument,
        body=body,
    )


@operation
def refit_result(
    task_id: str, *, client: AuthenticatedClient, body: RefitRequest
) -> Response[RecordedResult]:
    """Analyse the raw data of a task result again, and record the new result."""
    from qdash_core.documents.results import RecordedResult

    return send_request(
        client, "POST", f"/task-results/{quote_segment(task_id)}/refit", RecordedResult, status=201, body=body
    )


@operation
def record_analysis(
    task_id: str, *, client: AuthenticatedClient, body: AnalysisRequest, idempotency_key: str | Unset = UNSET
) -> Response[RecordedResult]:
    """Record a user's own analysis of the raw data of a task result as a new result, validated like any
    other."""
    from qdash_core.documents.results import RecordedResult

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/analyses",
        RecordedResult,
        status=201,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )
