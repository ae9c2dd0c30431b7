"""Values and verdicts of many results."""

from datetime import datetime
from typing import NotRequired

from typing_extensions import TypedDict

from qdash_core.models.chip import StoredValue
from qdash_core.models.task import StoredDecision, is_outcome_accepted
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range


class MeasuredValues(TypedDict):
    """Compact projection of a result to its values and its verdict, for thousands of them."""

    task_id: NotRequired[str]
    qid: str
    name: str
    control: NotRequired[str | None]
    status: str
    verdict: NotRequired[str | None]
    output_parameters: NotRequired[dict[str, StoredValue]]
    decisions: NotRequired[dict[str, StoredDecision]]
    saved: NotRequired[bool]
    scope: NotRequired[str | None]
    simulated: NotRequired[bool]


def list_accepted_values(result: MeasuredValues) -> list[tuple[str, StoredValue]]:
    """Return the accepted values of a result by parameter; none of trials, of simulated results and of value scopes."""
    if result.get("simulated") or result.get("scope") is not None or result.get("saved") is False:
        return []
    decisions = result.get("decisions", {})
    return [
        (name, value)
        for name, value in result.get("output_parameters", {}).items()
        if is_outcome_accepted(
            result["status"], result.get("verdict"), decisions[name]["verdict"] if name in decisions else None
        )
    ]


def list_measured_values(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    *,
    since: datetime,
    until: datetime | None,
    limit: int,
) -> list[MeasuredValues]:
    """Return the values of the results of a chip that were started in a time range, newest first; at most `limit` results."""
    where = {
        "project_id": project_id,
        "chip_id": chip_id,
        "start_at": Range(least=since, below=until),
    }
    return results.select_as(
        MeasuredValues,
        where,
        order=("-start_at",),
        limit=limit,
        without=results.list_unread_fields(MeasuredValues),
    )
