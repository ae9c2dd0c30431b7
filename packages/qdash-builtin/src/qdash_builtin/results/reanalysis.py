"""Origin and record of a new analysis of recorded raw data, by a task or by a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_core.attempts.history_recorder import ChipReads, record_consequences
from qdash_core.attempts.state_manager import ResultOrigin
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.repositories.request_keys import RequestKey
    from qdash_core.runtime.runtime import Runtime


def find_measurement(runtime: Runtime, original: TaskResultModel) -> TaskResultModel:
    """Return the result of the measurement: the original, or its own original if it is a new analysis itself."""
    if original.refit_of is None:
        return original
    return (
        runtime.repositories.of(TaskResultHistoryRepository).find(original.project_id, original.refit_of)
        or original
    )


def make_origin(
    runtime: Runtime, original: TaskResultModel, measured: TaskResultModel, *, username: str
) -> ResultOrigin:
    """Return the origin of a new analysis. Its values may become the chip's if those of the measurement may."""
    return ResultOrigin(
        project_id=original.project_id,
        username=username,
        chip_id=original.chip_id,
        execution_id=original.execution_id,
        backend=original.backend,
        tags=original.tags,
        saved=original.saved and _is_same_chip(runtime, measured),
        simulated=original.simulated,
        scope=original.scope,
    )


def _is_same_chip(runtime: Runtime, measured: TaskResultModel) -> bool:
    """Return whether the chip is the measured one, and not a newer chip with the same id."""
    chip = runtime.repositories.of(ChipRepository).find(measured.project_id, measured.chip_id)
    return chip is not None and measured.start_at is not None and measured.start_at >= chip.installed_at


def find_recorded(repositories: Repositories, request: RequestKey) -> TaskResultModel | None:
    """Return the result of an earlier request with the key, or None."""
    found = request.find(repositories)
    return (
        None
        if found is None
        else repositories.of(TaskResultHistoryRepository).find(found.project_id, found.record_id)
    )


def record_reanalysis(
    runtime: Runtime, repositories: Repositories, result: TaskResultModel, request: RequestKey
) -> None:
    """Record a new analysis with its note, its consequences and its request."""
    repositories.of(TaskResultHistoryRepository).add(result)
    if result.user_note.content:
        repositories.of(NoteEventRepository).append(
            result.user_note,
            result.project_id,
            NoteScope.TASK_RESULT,
            result.task_id,
            chip_id=result.chip_id,
            extra={"qid": result.qid, "task_name": result.name},
        )
    chip = repositories.of(ChipRepository).find(result.project_id, result.chip_id)
    record_consequences(repositories, result, ChipReads(chip), runtime.status_rules, zone=runtime.zone)
    request.record(repositories, "result", result.task_id)
