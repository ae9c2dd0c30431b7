"""Events page: the recorded events of the project, filtered, newest first; the first page follows new events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import streamlit as st

from qdash_builtin.runs.operations.events import recorded_events
from qdash_core.models.event_kinds import fill_in, list_event_kinds
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.window import draw_window, read_window

if TYPE_CHECKING:
    from qdash_core.documents.events import EventDocument
    from qdash_core.features.declarations import EventKind
    from qdash_ui_streamlit.view import View

PLACE = "events"
_FILTERS = ("kind", "chip", "execution", "since", "until")
_CLEARS = ("after",)
_SHOWN = 100
"""Number of events on a page, however many are recorded meanwhile."""
_SHOWN_ELSEWHERE = (
    *("qid", "name", "number", "issue_id", "timetable", "path", "cooldown_id"),
    *("entity", "plural", "record_id"),
)
_COLUMNS = (
    Column("at", "Time", "time"),
    Column("kind", "Kind"),
    Column("chip_id", "Chip", "chip"),
    Column("target", "Target", link="target_address"),
    Column("execution_id", "Execution", "execution"),
    Column("subject", "Subject", link="address"),
    Column("details", "Details"),
)


def render(view: View) -> None:
    """Draw the page."""
    st.title("Events")
    _draw_events(view, _draw_filters(view))


def _draw_filters(view: View) -> dict[str, Any]:
    """Draw the filters, and return the query of the host."""
    chips = load_options("chips", view.list_chip_ids)
    with st.container(horizontal=True):
        kind = query_params.draw_select(
            view,
            "kind",
            "Kind",
            _list_kinds(),
            any_text="any kind",
            format_option=lambda one: f"{one[:-2]}: all" if one.endswith(".*") else one,
            clears=_CLEARS,
            width=230,
        )
        chip = query_params.draw_select(view, "chip", "Chip", chips, any_text="all chips", clears=_CLEARS)
        execution = query_params.draw_text_field(
            view, "execution", "Execution", placeholder="any", clears=_CLEARS
        )
        draw_window(view, clears=_CLEARS)
    filters = {
        "kind": [kind] if kind else None,
        "chip_id": chip,
        "execution_id": execution,
        **read_window(view).arguments(),
    }
    return {name: value for name, value in filters.items() if value}


def _list_kinds() -> list[str]:
    """Return every kind of event, after all kinds of its subject together."""
    known = list_event_kinds()
    groups = dict.fromkeys(name.partition(".")[0] for name in known)
    return [
        option
        for group in groups
        for option in (f"{group}.*", *(name for name in known if name.startswith(f"{group}.")))
    ]


@fragment
def _draw_events(view: View, filters: dict[str, Any]) -> None:
    after = view.param("after")
    if after is None:
        rerun_on_events(
            "events.rerun",
            filters.get("kind", ("*",)),
            chip_id=filters.get("chip_id"),
            execution_id=filters.get("execution_id"),
        )
    page = view.ask(recorded_events.paged(limit=_SHOWN, after=after), **filters)
    kinds = list_event_kinds()
    filtered = any(view.param(name) for name in _FILTERS)
    table(
        view,
        _COLUMNS,
        [_make_row(view, one, kinds.get(one.kind)) for one in page.items],
        key="events.table",
        label="Events",
        filtered=False,
        empty="No events match the filters." if filtered else "No events are recorded yet.",
    )
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of events")


def _make_row(view: View, event: EventDocument, kind: EventKind | None) -> dict[str, Any]:
    target = event.data.get("qid") or None
    chip, execution = event.chip_id, event.execution_id
    subject, address = _name_subject(view, event, kind)
    return {
        "at": event.at,
        "kind": event.kind,
        "chip_id": chip,
        "target": target,
        "target_address": make_target_url(view, chip, str(target)) if chip and target else None,
        "execution_id": execution,
        "subject": subject,
        "address": address,
        "details": event.describe(_SHOWN_ELSEWHERE),
    }


def _name_subject(view: View, event: EventDocument, kind: EventKind | None) -> tuple[str | None, str | None]:
    """Return the subject of an event beside its chip and execution, and its URL; None if there is none."""
    data = event.data
    if event.task_id:
        return data.get("name") or "result", view.link("result", result=event.task_id)
    if kind is not None and (subject := fill_in(kind.subject, event)):
        page, _, query = kind.address.partition("?")
        params = {name: fill_in(text, event) for name, text in parse_qsl(query)}
        return subject, view.link(page, **params) if page else None
    return data.get("name") or data.get("timetable") or data.get("path"), None
