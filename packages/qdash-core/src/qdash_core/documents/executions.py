"""Executions: in a list, with their results, as they were asked for, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.clocks import clocks_of
from qdash_core.documents.results import RESULT_EXAMPLE, ResultDocument
from qdash_core.documents.timelines import PLANNED_EXAMPLE, STAGE_EXAMPLE, PlannedStageDocument, StageDocument
from qdash_core.models.base import UtcDatetime
from qdash_core.models.execution import EndReason, ExecutionStatus, RunAttempt
from qdash_core.models.request import RunRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.execution import ExecutionHead, ExecutionModel, LogModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.timelines import StageTimes
    from qdash_core.runs.submission import Submission

EXECUTION_EXAMPLE: dict[str, Any] = {
    "username": "admin",
    "name": "bring-up",
    "execution_id": "20261121-001",
    "chip_id": "a",
    "status": "failed",
    "tags": ["day"],
    "message": "no task completed",
    "reason": "nothing completed",
    "tasks": {"failed": 1, "skipped": 14},
    "start_at": "2026-11-21T06:14:23.562803Z",
    "end_at": "2026-11-21T06:15:56.741644Z",
    "flow_run_id": "db39dee4-e97e-4bf8-b45c-2ad550264cbb",
    "attempts": [
        {
            "username": "admin",
            "start_at": "2026-11-21T06:14:23.562803Z",
            "end_at": "2026-11-21T06:15:56.741644Z",
            "status": "failed",
            "message": "no task completed",
            "reason": "nothing completed",
            "lab_seconds": 12.5,
        }
    ],
    "left_out": {"3": "dead: open line"},
    "wall_s": 93.2,
    "lab_s": 12.5,
}


_REQUEST_EXAMPLE: dict[str, Any] = {
    "username": "admin",
    "chip_id": "a",
    "flow": "bring-up",
    "targets": {"qubits": ["0", "1"], "exclude": []},
    "saved": True,
    "tags": ["day"],
    "run_parameters": {"shots": 2048},
    "parameters": {},
}


class ExecutionHeader(Document):
    """An execution without its results."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXECUTION_EXAMPLE]})

    username: str
    name: str
    execution_id: str
    chip_id: str
    status: ExecutionStatus
    """As it is recorded: `interrupted` says whether it is `running` indeed."""
    tags: list[str]
    message: str
    reason: EndReason | None = None
    tasks: dict[str, int]
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    flow_run_id: str | None = None
    attempts: list[RunAttempt]
    left_out: dict[str, str] | None = None
    """What was named and is not measured, each with the reason."""
    interrupted: bool | None = None
    """True where it is `running` and its process has died."""
    wall_s: float | None = None
    lab_s: float | None = None

    @classmethod
    def of(cls, execution: ExecutionHead, *, interrupted: bool = False) -> Self:
        """Return the document of an execution."""
        return cls(**_header(execution, interrupted=interrupted))


class ExecutionView(ExecutionHeader):
    """An execution with what was planned, without its results."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**EXECUTION_EXAMPLE, "request": _REQUEST_EXAMPLE, "stages": [PLANNED_EXAMPLE]}]
        }
    )

    request: RunRequest | None = None
    """What was asked for; absent: a program of somebody's own began it."""
    stages: list[PlannedStageDocument]
    """In the order of the run, as far as it has come to them."""

    @classmethod
    def with_plan(cls, execution: ExecutionModel, *, interrupted: bool = False) -> Self:
        """Return the document of an execution and what was planned."""
        stages = [PlannedStageDocument.of(one) for one in execution.stages]
        return cls(**_header(execution, interrupted=interrupted), request=execution.request, stages=stages)


class ExecutionDocument(ExecutionHeader):
    """An execution with its results."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**EXECUTION_EXAMPLE, "schedule": [STAGE_EXAMPLE], "results": [RESULT_EXAMPLE]}]
        }
    )

    schedule: list[StageDocument]
    """By stage in which something was measured, in the order of the run."""
    results: list[ResultDocument]

    @classmethod
    def with_results(
        cls,
        execution: ExecutionModel,
        stages: Iterable[StageTimes],
        results: Iterable[TaskResultModel],
        *,
        interrupted: bool,
    ) -> Self:
        """Return the document of an execution and some of its results."""
        return cls(
            **_header(execution, interrupted=interrupted),
            schedule=[StageDocument.of(times) for times in stages],
            results=[ResultDocument.of(result) for result in results],
        )


class SubmittedDocument(Document):
    """A run that was put into the queue for a worker."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "execution_id": "20261121-002",
                    "status": "scheduled",
                    "flow_run_id": "db39dee4-e97e-4bf8-b45c-2ad550264cbb",
                    "replayed": True,
                    "workers": 0,
                    "waits_for": "execution 20261121-001 of bob, which runs",
                    "advice": "no worker lives: it waits until `qdash worker` runs on some machine of the store",
                }
            ]
        }
    )

    execution_id: str
    status: ExecutionStatus
    """`scheduled`, or how the one that is to go on ended; of a replay how it stands."""
    flow_run_id: str | None = None
    """The UUID of its flow's run, by which it can be cancelled, too."""
    replayed: bool | None = None
    """True where it was asked for before, under the same key: nothing was done now."""
    workers: int
    """How many workers live, of every machine of the store: one of them performs it."""
    waits_for: str | None = None
    """In words that follow "for"; absent: a worker begins it as soon as it looks."""
    advice: str | None = None
    """What keeps it from being performed, and what to do about it."""

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Return the document of a run that waits."""
        execution = submission.execution
        return cls(
            execution_id=execution.execution_id,
            status=execution.status,
            flow_run_id=execution.flow_run_id,
            replayed=submission.replayed or None,
            workers=submission.n_workers,
            waits_for=submission.waits_for or None,
            advice=submission.advice or None,
        )


class OutcomeDocument(Document):
    """What a finished run amounts to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "execution_id": "20261121-001",
                    "status": "completed",
                    "tasks": {"completed": 30},
                    "left_out": {"3": "dead: open line"},
                    "wall_s": 93.2,
                    "lab_s": 167.2,
                }
            ]
        }
    )

    execution_id: str
    status: ExecutionStatus
    tasks: dict[str, int]
    message: str | None = None
    left_out: dict[str, str] | None = None
    wall_s: float | None = None
    lab_s: float | None = None

    @classmethod
    def of(cls, execution: ExecutionModel) -> Self:
        """Return what a run that has ended amounts to."""
        return cls(
            execution_id=execution.execution_id,
            status=execution.status,
            tasks=execution.tasks,
            message=execution.message or None,
            left_out=execution.left_out or None,
            **clocks_of(execution),
        )


class RefusalDocument(Document):
    """One of several executions with which it was not possible to go on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"execution_id": "20261121-001", "error": "chip a is in use"}]}
    )

    execution_id: str
    error: str


class LogDocument(Document):
    """What a run has said."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"execution_id": "20261121-001", "text": "it begins\n"}]}
    )

    execution_id: str
    text: str


class LogPartDocument(Document):
    """Some lines that a run has said, as they were written down together."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 17,
                    "created_at": "2026-11-21T06:14:24.562803Z",
                    "text": "2026-11-21T06:14:23+00:00 execution 20261121-001 begins\n",
                }
            ]
        }
    )

    seq: int
    """Its number: who follows the run asks for what was said `since` the last one they have."""
    created_at: UtcDatetime
    text: str

    @classmethod
    def of(cls, part: LogModel) -> Self:
        """Return the document of a part."""
        return cls._like(part)


def _header(execution: ExecutionHead, *, interrupted: bool) -> dict[str, Any]:
    shown = ExecutionHeader.model_fields  # looked up once: each look costs as much as a field
    known = {name: value for name, value in execution if name in shown}
    derived = {"left_out": execution.left_out or None, "interrupted": interrupted or None}
    return {**known, **derived, **clocks_of(execution)}
