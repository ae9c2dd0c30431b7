"""Conversion of executions, results and related records of the original system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import CalibrationNoteModel, ExecutionModel, RunAttempt
from qdash_core.models.task import (
    InputModel,
    LatestResultModel,
    RunParameterModel,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    Verdict,
)
from qdash_original.values import (
    date,
    moment,
    plain,
    seconds,
    shown,
    target,
    text,
    texts,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument
    from qdash_original.people import Group

_EXECUTION_ID = re.compile(r"(\d{8})-(\d{1,9})")

_TIMES = {"start_at": moment, "end_at": moment, "elapsed_time": seconds}


def result(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a task result. What completed there was used: it counts as accepted."""
    written = document.take("qid", text) or ""
    qid = document.need("qid", target) if written else ""
    status = document.take("status", text)
    inputs, run_parameters = _inputs(document)
    record = document.record(
        TaskResultModel,
        {
            **dict.fromkeys(("task_id", "name", "chip_id", "execution_id", "upstream_id", "message"), text),
            **dict.fromkeys(("task_type", "cooldown_id", "backend"), text),
            **dict.fromkeys(("output_parameter_names", "figure_path", "json_figure_path", "tags"), texts),
            **_TIMES,
        },
        qid=qid,
        status=status,
        verdict=Verdict.ACCEPTED if status == TaskStatus.COMPLETED else None,
        input_parameters=inputs,
        run_parameters=run_parameters,
        output_parameters=document.parameters("output_parameters"),
        note=_note(document, written, qid),
        user_note=document.note("user_note"),
    )
    known.count(record.project_id, record.execution_id, str(record.status))
    if record.status in (TaskStatus.COMPLETED, TaskStatus.FAILED):
        known.finished(_latest(record))
    yield [("task_result_history", record)]


def _note(document: OriginalDocument, written: str, qid: str) -> dict[str, Any]:
    """Return the note of a result, with what has no field here: raw data that only the original reads, another id."""
    note = document.plain_table("note")
    if paths := document.take("raw_data_path", texts):
        note["original_raw_data_path"] = paths
    if written != qid:
        note["original_qid"] = written
    return note


def _inputs(document: OriginalDocument) -> tuple[dict[str, InputModel], dict[str, RunParameterModel]]:
    """Return inputs and run parameters: earlier versions kept sweeps and the like among the inputs."""
    given = document.raw("input_parameters") or {}
    settings = {
        name: part
        for name, part in (given.items() if isinstance(given, dict) else ())
        if isinstance(part, dict) and isinstance(part.get("value"), list | tuple | str | bool)
    }
    inputs = {
        name: InputModel(value=known.value, error=known.error, unit=known.unit, task_id=known.task_id)
        for name, known in document.parameters("input_parameters", without=settings.keys()).items()
    }
    run_parameters = document.table("run_parameters", _run_parameter)
    return inputs, {name: _run_parameter(name, part) for name, part in settings.items()} | run_parameters


def _run_parameter(_path: str, part: Any) -> RunParameterModel:
    if not isinstance(part, dict):
        raise InvalidInputError(f"{shown(part)} is not a run parameter")
    return RunParameterModel(
        value=plain(part.get("value")),
        value_type=text(part.get("value_type") or ""),
        unit=text(part.get("unit") or ""),
        description=text(part.get("description") or ""),
    )


def _latest(record: TaskResultModel) -> LatestResultModel:
    return LatestResultModel(
        project_id=record.project_id,
        chip_id=record.chip_id,
        name=record.name,
        qid=record.qid,
        task_id=record.task_id,
        execution_id=record.execution_id,
        status=record.status,
        verdict=record.verdict,
        end_at=record.end_at or record.start_at or record.updated_at,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def execution(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield an execution, with its results counted."""
    execution_id = document.need("execution_id", text)
    if found := _EXECUTION_ID.fullmatch(execution_id):
        known.numbered(document.project_id, found[1], int(found[2]))
    note = document.plain_table("note")
    flow_run_id = note.get("flow_run_id")
    record = document.record(
        ExecutionModel,
        {
            **dict.fromkeys(("name", "chip_id", "calib_data_path", "status", "message"), text),
            "tags": texts,
            **_TIMES,
        },
        execution_id=execution_id,
        note=note,
        tasks=known.counts.pop((document.project_id, execution_id), {}),
        flow_run_id=flow_run_id if isinstance(flow_run_id, str) else None,
    )
    if record.start_at is not None:
        record.attempts = [
            RunAttempt(
                username=record.username,
                start_at=record.start_at,
                end_at=record.end_at,
                status=record.status,
                message=record.message,
            )
        ]
    yield [("execution_history", record)]


def counter(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Heed a counter: of those of all chips of a project the highest counts."""
    known.numbered(document.project_id, document.need("date", date), document.need("index", whole))
    document.pass_over("username", "chip_id")
    yield from ()


def calibration_note(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield the laboratory library's note after a task."""
    fields = {**dict.fromkeys(("chip_id", "execution_id", "task_id"), text), "timestamp": moment}
    yield [
        ("calibration_note", document.record(CalibrationNoteModel, fields, note=document.plain_table("note")))
    ]


def task(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield the definition of a task; one without a backend is for any."""
    record = document.record(
        TaskModel,
        dict.fromkeys(("name", "description", "task_type"), text),
        backend=document.take("backend", text) or None,
        input_parameters=document.plain_table("input_parameters"),
        run_parameters=document.plain_table("run_parameters"),
        output_parameters=document.plain_table("output_parameters"),
    )
    yield [("task", record)]
