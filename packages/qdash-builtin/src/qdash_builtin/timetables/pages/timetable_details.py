"""Details of one timetable: request, next starts and last outcome."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.runs.pages.execution_header import describe_targets, list_parameters
from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.calendar import describe_cron
from qdash_builtin.timetables.models.timetable import Cron
from qdash_core.models.times import format_duration
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.statuses import format_status_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_core.models.request import RunRequest
    from qdash_ui_streamlit.view import View

_PARAMETERS = (Column("name", "Parameter"), Column("value", "Value"))


def draw_timetable(view: View, name: str, known: Sequence[TimetableDocument]) -> None:
    """Draw the timetable with this name, if it exists."""
    shown = next((one for one in known if one.name == name), None)
    st.header(escape_markdown(name), divider="gray")
    if shown is None:
        show_empty(
            f"There is no timetable {escape_markdown(name)}: it may have been removed.",
            f"[All timetables]({view.link('timetables')}).",
        )
        return
    draw_facts(list_facts(view, shown))
    if shown.request is not None and (requested := list_parameters(shown.request)):
        table(
            view, _PARAMETERS, requested, key="timetable.asked", label="Requested parameters", filtered=False
        )


def list_facts(view: View, shown: TimetableDocument) -> dict[str, str | None]:
    """Return the facts about a timetable: HTML by name."""
    chip = shown.chip_id
    cron = shown.when.expression if isinstance(shown.when, Cron) else None
    return {
        **_list_activity(shown),
        "Chip": f'<a href="{escape(view.link("chip", chip=chip))}">{escape(chip)}</a>' if chip else None,
        "When": f"{escape(describe_cron(cron))}, {escape(shown.timezone)} (<code style='white-space: nowrap'>{escape(cron)}</code>)"
        if cron
        else None,
        "Next starts": "<br>".join(map(view.time, shown.next_starts))
        or (
            f"after {escape(shown.waits_for)}"
            if shown.waits_for
            else "none while it is paused"
            if shown.paused
            else "none"
        ),
        "Last start": _describe_last_start(view, shown),
        "Missed starts": get_activity(shown).describe_missed(shown.missed),
        "Maximum delay": None
        if shown.begin_within_s is None
        else format_duration(shown.begin_within_s, whole=True),
        "Ends": view.time(shown.until) if shown.until else None,
        **(_list_run_options(shown.request) if shown.request else {}),
        "User": format_object(view, "user", shown.username),
        "Created": view.time(shown.created_at),
        "Changed": view.time(shown.updated_at),
    }


def _list_activity(shown: TimetableDocument) -> dict[str, str | None]:
    """Return the activity of a timetable as facts."""
    request = shown.request
    if request is None:
        return {"Activity": escape(str(get_activity(shown)))}
    version = "" if request.flow_version is None else f", version {request.flow_version}"
    return {
        "Flow or task": escape(f"{request.flow}{version}"),
        "Targets": escape(describe_targets(request)),
    }


def _list_run_options(request: RunRequest) -> dict[str, str | None]:
    return {
        "Values": None if request.saved else "not saved",
        "Value scope": escape(request.scope) if request.scope else None,
        "Measured once more after a jump": None if request.repeat else "no",
        "Strategies": escape(", ".join(request.scheduling.strategies)) or None,
        "Targets at once, at most": None if (most := request.scheduling.max_parallel) is None else str(most),
        "One qubit of each multiplexer at a time": {True: "yes", False: "no", None: None}[
            request.scheduling.one_of_each_mux
        ],
        "Tags": escape(", ".join(request.tags)) or None,
    }


def _describe_last_start(view: View, shown: TimetableDocument) -> str | None:
    """Return the outcome of the last start, and the execution that was started last."""
    if shown.last is None:
        return None
    text = f"{view.time(shown.last.at)} {format_status_html(shown.last.became)}"
    why = f"<br>{escape(shown.last.why)}" if shown.last.why else ""
    if not shown.execution_id:
        return f"{text}{why}"
    address = escape(view.link("execution", execution=shown.execution_id))
    return f'{text}{why}<br>last run: <a href="{address}">{escape(shown.execution_id)}</a>'
