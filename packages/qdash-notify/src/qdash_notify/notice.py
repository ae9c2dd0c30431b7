"""Notices of events, with the details that users need."""

from __future__ import annotations

import logging
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_core.features.declarations import EventKind
from qdash_core.hooks.notice import Notice, make_one_line
from qdash_core.models.event_kinds import fill_in, list_event_kinds
from qdash_core.models.project import make_command_options
from qdash_core.models.simulated_time import mark_simulated_time
from qdash_core.models.times import format_duration, format_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from qdash_core.models.execution import EventModel, ExecutionModel

logger = logging.getLogger(__name__)

_STATES = "completed", "failed", "skipped", "cancelled"


def make_notice(event: EventModel, execution: ExecutionModel | None, zone: tzinfo) -> Notice:
    """Return the notice of an event and of its execution, if any, with times in a zone."""
    kind = list_event_kinds().get(event.kind) or EventKind(event.kind)
    message = _describe_event(kind, event)
    if not message and event.task_id:
        message = _select_task_fields(event)
    elif not message and event.execution_id:
        message = _select_execution_fields(event, execution)
    elif not message:
        message = {"subject": fill_in(kind.subject, event) or str(event.data.get("name") or "")}
    where = {
        "chip": event.chip_id,
        **message,
        "message": str(event.data.get("message") or ""),
        "time": format_time(event.created_at, zone),
        "user": execution.username if execution is not None else str(event.data.get("username") or ""),
        "project": event.project_id,
        "execution": event.execution_id,
        "look": _make_command(kind, event),
    }
    fields = {name: make_one_line(value) for name, value in where.items() if value}
    return Notice(
        kind=event.kind,
        project_id=event.project_id,
        chip_id=event.chip_id,
        execution_id=event.execution_id,
        task_id=event.task_id,
        at=event.created_at,
        data=event.data,
        title=mark_simulated_time(
            make_one_line(
                _make_title(
                    event,
                    next(iter(message.values())),
                    fields,
                    simulated=execution is not None and execution.simulated,
                )
            ),
            event.created_at,
            zone,
        ),
        fields=fields,
    )


def _make_title(event: EventModel, name: str, fields: Mapping[str, str], *, simulated: bool) -> str:
    """Return a title: `64Qv3: bring-up completed: 12 completed in 3 min 20 s (execution 20261120-003)`."""
    what = name or event.kind.partition(".")[0]
    chip = f"{event.chip_id} (simulated)" if simulated else event.chip_id
    subject = f"{chip}: {what} {event.kind.partition('.')[2]}".lstrip(": ")
    counts = " in ".join(filter(None, (fields.get("tasks"), fields.get("duration"))))
    message = ": ".join(filter(None, (subject, counts, fields.get("message"))))
    return f"{message} (execution {event.execution_id})" if event.execution_id else message


def _make_command(kind: EventKind, event: EventModel) -> str:
    """Return the command that shows the subject of an event, or an empty text."""
    options = make_command_options(event.project_id)
    if event.execution_id:
        return f"qdash executions show {event.execution_id}{options}"
    command = fill_in(kind.command, event)
    return command and f"{command}{options}"


def _describe_event(kind: EventKind, event: EventModel) -> dict[str, str]:
    """Return the texts of a notice by the feature of an event, or none."""
    if not kind.described_by:
        return {}
    try:
        return {name: str(text) for name, text in resolve_name(kind.described_by)(event).items()}
    except Exception as error:  # noqa: BLE001  code of a plugin
        logger.warning("%s: %s cannot describe the event: %s", kind.name, kind.described_by, error)
        return {}


def _select_task_fields(event: EventModel) -> dict[str, str]:
    target = f" on {event.data['qid']}" if event.data.get("qid") else ""
    verdict = event.data.get("verdict")
    return {"task": f"{event.data.get('name', event.task_id)}{target}", "verdict": str(verdict or "")}


def _select_execution_fields(event: EventModel, execution: ExecutionModel | None) -> dict[str, str]:
    counts: Mapping[str, int] = event.data.get("tasks") or {}
    known = sorted(
        counts, key=lambda state: (_STATES.index(state) if state in _STATES else len(_STATES), state)
    )
    seconds = execution.elapsed_time if execution is not None else None
    return {
        "flow": str(event.data.get("name") or ""),
        "tasks": ", ".join(f"{counts[state]} {state}" for state in known),
        "duration": "" if seconds is None or not counts else format_duration(seconds),
    }
