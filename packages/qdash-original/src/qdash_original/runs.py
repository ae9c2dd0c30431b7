"""Conversion of executions, results and related records of the original system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.decision import Decision
from qdash_core.models.execution import CalibrationNoteModel, ExecutionModel, RunAttempt
from qdash_core.models.task import (
    InputModel,
    RunParameterModel,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    Verdict,
)
from qdash_original.values import (
    boolean,
    date,
    integer,
    json_value,
    number,
    optional_text,
    read_control,
    seconds,
    shorten,
    target,
    text,
    text_list,
    timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument
    from qdash_original.users_and_projects import Group

_EXECUTION_ID = re.compile(r"(\d{8})-(\d{1,9})")

_TIMES = {"start_at": timestamp, "end_at": timestamp, "elapsed_time": seconds}


def convert_result(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a task result; a completed one is accepted, as the original used its values, unless a user excluded it."""
    written = document.read("qid", text) or ""
    qid = document.require("qid", target) if written else ""
    status = document.read("status", text)
    inputs, run_parameters = _read_inputs(document, written)
    outputs = document.read_parameters("output_parameters")
    record = document.make_record(
        TaskResultModel,
        {
            **dict.fromkeys(("task_id", "name", "chip_id", "execution_id", "upstream_id", "message"), text),
            **dict.fromkeys(("task_type", "backend"), text),
            "cooldown_id": optional_text,
            **dict.fromkeys(("output_parameter_names", "figure_path", "json_figure_path", "tags"), text_list),
            **_TIMES,
        },
        qid=qid,
        control=read_control(written),
        status=status,
        verdict=Verdict.ACCEPTED if status == TaskStatus.COMPLETED else None,
        input_parameters=inputs,
        run_parameters=run_parameters,
        output_parameters=outputs,
        quality=document.read_mapping("quality_metrics", lambda _path, part: float(number(part))),
        rerun_of=document.read("source_task_id", optional_text),
        note=_read_note(document, written, qid),
        user_note=document.read_note("user_note"),
    )
    if exclusion := _read_exclusion(document, record):
        record.decisions = dict.fromkeys(record.output_parameters, exclusion)
        known.excluded[record.project_id, record.task_id] = exclusion.username
    known.add_result(record)
    yield [("task_result_history", record)]


def _read_exclusion(document: OriginalDocument, record: TaskResultModel) -> Decision | None:
    """Return the rejection by the user who excluded a result, or None if it is not excluded."""
    reason, username = document.read("excluded_reason", text), document.read("excluded_by", text)
    decided_at = document.read("excluded_at", timestamp)
    if not document.read("excluded", boolean):
        return None
    if not record.output_parameters:
        record.note["original_excluded"] = reason or ""
    return Decision(
        verdict="rejected",
        username=username or record.username,
        reason=reason or "excluded in the original",
        decided_at=decided_at or record.updated_at,
    )


def _read_note(document: OriginalDocument, written: str, qid: str) -> dict[str, Any]:
    """Return the note of a result, with the original's raw data paths, stack trace and other spelling of the target."""
    note = document.read_json_mapping("note")
    if paths := document.read("raw_data_path", text_list):
        note["original_raw_data_path"] = paths
    if stack_trace := document.read("stack_trace", text):
        note["original_stack_trace"] = stack_trace
    if written != qid:
        note["original_qid"] = written
    return note


def _read_inputs(
    document: OriginalDocument, written: str
) -> tuple[dict[str, InputModel], dict[str, RunParameterModel]]:
    """Return inputs and run parameters of a task on a target, as the original writes it.

    Early versions stored settings such as sweeps among the inputs.
    """
    given = document.get_raw("input_parameters") or {}
    settings = {
        name: part
        for name, part in (given.items() if isinstance(given, dict) else ())
        if isinstance(part, dict) and isinstance(part.get("value"), list | tuple | str | bool)
    }
    inputs = {
        name: InputModel(
            value=known.value,
            error=known.error,
            unit=known.unit,
            task_id=known.task_id,
            **_find_input_source(given[name], written),
        )
        for name, known in document.read_parameters("input_parameters", without=settings.keys()).items()
    }
    run_parameters = document.read_mapping("run_parameters", _convert_run_parameter)
    return inputs, {
        name: _convert_run_parameter(name, part) for name, part in settings.items()
    } | run_parameters


def _find_input_source(part: dict[str, Any], written: str) -> dict[str, str]:
    """Return target and parameter of an input with a role, such as the control qubit's frequency."""
    role, members = part.get("qid_role"), written.split("-")
    if role not in ("control", "target", "coupling") or len(members) != 2:
        return {}
    place = members[role == "target"] if role != "coupling" else written
    return {"target": target(place)} | (
        {"parameter": part["parameter_name"]} if part.get("parameter_name") else {}
    )


def _convert_run_parameter(_path: str, part: Any) -> RunParameterModel:
    if not isinstance(part, dict):
        raise InvalidInputError(f"{shorten(part)} is not a run parameter")
    return RunParameterModel(
        value=json_value(part.get("value")),
        value_type=text(part.get("value_type") or ""),
        unit=text(part.get("unit") or ""),
        description=text(part.get("description") or ""),
    )


def convert_execution(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield an execution, with the number of its results by status."""
    execution_id = document.require("execution_id", text)
    if found := _EXECUTION_ID.fullmatch(execution_id):
        known.record_number(document.project_id, found[1], int(found[2]))
    note = document.read_json_mapping("note")
    flow_run_id = note.get("flow_run_id")
    record = document.make_record(
        ExecutionModel,
        {
            **dict.fromkeys(("name", "chip_id", "calib_data_path", "status", "message"), text),
            "tags": text_list,
            **_TIMES,
        },
        execution_id=execution_id,
        note=note,
        tasks=known.counts.pop((document.project_id, execution_id), {}),
        cooldown_id=known.cooldowns.pop((document.project_id, execution_id), None),
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


def convert_counter(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Raise a counter to the highest number of all chips of a project; yield nothing."""
    known.record_number(
        document.project_id, document.require("date", date), document.require("index", integer)
    )
    document.mark_read("username", "chip_id")
    yield from ()


def convert_calibration_note(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a calibration note, written by the backend's library after a task."""
    fields = {**dict.fromkeys(("chip_id", "execution_id", "task_id"), text), "timestamp": timestamp}
    yield [
        (
            "calibration_note",
            document.make_record(CalibrationNoteModel, fields, note=document.read_json_mapping("note")),
        )
    ]


def convert_task(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield the definition of a task; without a backend it is for any backend."""
    record = document.make_record(
        TaskModel,
        dict.fromkeys(("name", "description", "task_type"), text),
        backend=document.read("backend", text) or None,
        input_parameters=document.read_json_mapping("input_parameters"),
        run_parameters=document.read_json_mapping("run_parameters"),
        output_parameters=document.read_json_mapping("output_parameters"),
    )
    yield [("task", record)]
