"""Changes view of a chip: the log of its values, undo of an event, and reversion to another time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.values import (
    list_value_events,
    preview_reversion,
    revert_values,
    show_value_event,
    undo_value_event,
)
from qdash_client.generated.models.reversion_request import ReversionRequest
from qdash_client.generated.models.undo_request import UndoRequest
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.specification import get_scale
from qdash_ui_streamlit.display.targets import make_target_url
from qdash_ui_streamlit.display.value_changes import describe_kind, format_change, format_values
from qdash_ui_streamlit.forms.confirm_action import perform_action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.documents.values import ChangedValueDocument, ReversionDocument, ValueEventHeader
    from qdash_ui_streamlit.view import View

_PAGE = 100
_MOST_NAMED = 6
_EVENTS = (
    Column("number", "Event"),
    Column("at", "Time", "time"),
    Column("what", "Change"),
    Column("targets", "Qubits and couplings", link="href"),
    Column("parameters", "Parameters"),
    Column("by", "By"),
    Column("reason", "Reason"),
    Column("result", "Result", link="result_link"),
)
_CHANGES = (
    Column("target", "Qubit or coupling", link="href"),
    Column("parameter", "Parameter"),
    Column("change", "Change"),
)


def render(view: View, chip_id: str) -> None:
    """Draw the changes of the values of a chip."""
    _draw_log(view, chip_id)
    _draw_reversion(view, chip_id)


@fragment
def _draw_log(view: View, chip_id: str, *, target: str | None = None) -> None:
    rerun_on_events("changes.values", kinds=("value.*",), chip_id=chip_id)
    by_hand = st.toggle("Only changes by users", value=True, key="changes.by_hand")
    of_target = {} if target is None else {"couplings" if "-" in target else "qubits": target}
    page = view.ask(list_value_events, chip_id, by_hand=by_hand, limit=_PAGE, **of_target)
    if not page.items:
        show_empty("No changes of values yet." if not by_hand else "No user has changed a value yet.")
        return
    rows = [_make_row(view, one) for one in page.items]
    table(view, _EVENTS, rows, key="changes.events", label="Changes of values", shown=20)
    if view.edits:
        _draw_undo(view, page.items)


def draw_target_changes(view: View, chip_id: str, target: str) -> None:
    """Draw the changes of the values of a qubit or coupling."""
    st.header("Changes", anchor="changes")
    _draw_log(view, chip_id, target=target)


def _make_row(view: View, event: ValueEventHeader) -> dict[str, Any]:
    targets = event.targets
    rest = len(targets) - _MOST_NAMED
    row = {
        "number": event.number,
        "at": event.created_at,
        "what": describe_kind(event),
        "targets": ", ".join(targets[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else ""),
        "parameters": ", ".join(event.parameters),
        "by": event.username,
        "reason": event.reason or "",
    }
    if len(targets) == 1:
        row["href"] = make_target_url(view, event.chip_id, targets[0])
    if event.task_id:
        row |= {"result": event.task_id[:8], "result_link": view.link("result", result=event.task_id)}
    return row


def _draw_undo(view: View, events: Sequence[ValueEventHeader]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            "Event",
            [one.number for one in events],
            format_func={one.number: f"{one.number}: {describe_kind(one)}" for one in events}.__getitem__,
            key="changes.undo.event",
            width=320,
        )
        if st.button("Undo …", icon=":material/undo:", key="changes.undo") and number is not None:
            _ask_to_undo(view, number)


def _ask_to_undo(view: View, number: int) -> None:
    dialog(f"Undo event {number}?")(draw_undo_form)(view, number, uuid4().hex)


def draw_undo_form(view: View, number: int, once: str) -> None:
    """Draw the form that undoes an event, sent with an idempotency key."""
    event = view.ask(show_value_event, number)
    for change in event.changes[:_MOST_NAMED]:
        back = change.model_copy(update={"before": change.after, "after": change.before})
        st.text(format_change(back))
    if (rest := len(event.changes) - _MOST_NAMED) > 0:
        st.text(f"and {rest} more")
    reason = st.text_input("Reason (optional)", key="changes.undo.reason")
    if st.button("Undo", type="primary", width="stretch", key="changes.undo.go") and perform_action(
        lambda: view.ask(undo_value_event, number, body=UndoRequest(reason=reason), idempotency_key=once),
        f"Event {number} undone",
    ):
        st.rerun()
    if st.button("Go back", width="stretch"):
        st.rerun()


@fragment
def _draw_reversion(view: View, chip_id: str) -> None:
    """Draw the choice of a point in time, and the values that a reversion to it restores."""
    st.header("Revert values", anchor="revert")
    given = view.param("revert") or ""
    with st.form("revert", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        to = st.text_input(
            "To",
            given,
            placeholder="2026-11-20 18:00, 12h, 20261121-004 or release:NAME",
            help="A time, a duration before now, an execution (its end), or a release",
            key="revert.to",
        )
        qubits = st.text_input("Qubits", placeholder="all", key="revert.qubits", help="0-3,7")
        couplings = st.text_input("Couplings", placeholder="all", key="revert.couplings", help="0-1,1-2")
        st.form_submit_button("Preview", icon=":material/preview:")
    if not to.strip():
        return
    chosen = {
        name: text.strip() for name, text in (("qubits", qubits), ("couplings", couplings)) if text.strip()
    }
    preview = view.ask(preview_reversion, chip_id, to=to.strip(), **chosen)
    _draw_preview(view, chip_id, preview)
    if view.edits and preview.changes:
        reason = st.text_input("Reason (optional)", key="revert.reason")
        if st.button(
            f"Restore {len(preview.changes)} values", type="primary", key="revert.go"
        ) and perform_action(
            lambda: view.ask(
                revert_values,
                chip_id,
                body=ReversionRequest(
                    to=to.strip(),
                    reason=reason,
                    qubits=chosen.get("qubits"),
                    couplings=chosen.get("couplings"),
                ),
                idempotency_key=uuid4().hex,
            ),
            "Values restored",
        ):
            st.rerun()


def _draw_preview(view: View, chip_id: str, preview: ReversionDocument) -> None:
    if not preview.changes:
        show_empty(f"Nothing would change: the values are those of {preview.to}.")
    else:
        rows = [_make_change_row(view, chip_id, one) for one in preview.changes]
        table(view, _CHANGES, rows, key="revert.changes", label="Values to restore", shown=50)
    if preview.directions:
        turned = ", ".join(f"{one} to control {control}" for one, control in preview.directions.items())
        st.caption(f"Directions change, too: {turned}.")
    if preview.kept:
        named = ", ".join(f"{one.parameter} of {one.target}" for one in preview.kept[:_MOST_NAMED])
        st.caption(f"{len(preview.kept)} values stay because there were none then: {named} …")


def _make_change_row(view: View, chip_id: str, change: ChangedValueDocument) -> dict[str, Any]:
    return {
        "target": change.target,
        "href": make_target_url(view, chip_id, change.target),
        "parameter": get_scale(change.parameter, None).title,
        "change": format_values(change),
    }
