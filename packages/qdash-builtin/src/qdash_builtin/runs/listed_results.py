"""Results with the fields that lists show."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from qdash_builtin.runs.displayed_outcomes import DisplayedOutcome
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import ParameterModel
from qdash_core.models.decision import Decision
from qdash_core.models.pages import Page, PageRequest
from qdash_core.models.task import (
    InputModel,
    MeasurementOrigin,
    TaskStatus,
    Verdict,
    get_measurement,
)
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import OneOf


class ListedResult(DisplayedOutcome, BaseModel):
    """Projection of a task result to the fields that lists show."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    name: str
    qid: str = ""
    attempt: int = 1
    status: TaskStatus
    message: str = ""
    verdict: Verdict | None = None
    input_parameters: dict[str, InputModel] = {}
    output_parameters: dict[str, ParameterModel] = {}
    decisions: dict[str, Decision] = {}
    raw_data_path: list[str] = []
    scope: str | None = None
    simulated: bool = False
    tags: list[str] = []
    cooldown_id: str | None = None
    refit_of: str | None = None
    measured: MeasurementOrigin | None = None
    analysis_model: str | None = None
    rerun_of: str | None = None
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None
    interrupted: bool | None = None

    @property
    def measurement(self) -> MeasurementOrigin:
        """Times and author of the measurement; for a refit, those of its original."""
        return get_measurement(self)


"""Fields that a list skips and a store need not read: a third of most documents."""


def list_listed_results(
    results: TaskResultHistoryRepository, project_id: str, task_ids: Iterable[str]
) -> list[ListedResult]:
    """Return the existing results among these ids, with the fields that lists show, last started first."""
    where = {"project_id": project_id, "task_id": OneOf(tuple(task_ids))}
    return results.select_as(
        ListedResult, where, order=("-start_at",), without=results.list_unread_fields(ListedResult)
    )


def has_result(
    results: TaskResultHistoryRepository,
    project_id: str,
    execution_id: str,
    *,
    name: str | None = None,
    verdict: str | None = None,
) -> bool:
    """Return whether an execution has a result of this task, with this verdict; None for any."""
    where = {"project_id": project_id, "execution_id": execution_id}
    where |= {} if name is None else {"name": name}
    where |= {} if verdict is None else {"verdict": verdict}
    return results.count(where) > 0


def get_listed_page(
    results: TaskResultHistoryRepository, where: Mapping[str, Any], request: PageRequest
) -> Page[ListedResult]:
    """Return a page like `page`, with the fields that lists show; raise the same errors."""
    return results.select_page(
        ListedResult, where, request, order=("-start_at",), without=results.list_unread_fields(ListedResult)
    )
