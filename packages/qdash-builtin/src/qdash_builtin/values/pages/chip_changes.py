"""Changes view of a chip: the log of its values, undo of an event, and reversion to another time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.values.operations.value_changes import (
    list_value_events,
    preview_reversion,
    revert_values,
    show_value_event,
    undo_value_event,
)
from qdash_builtin.values.pages.value_changes import describe_kind, format_change, format_value_or_none
from qdash_builtin.values.requests.value_changes import (
    ReversionFilter,
    ReversionRequest,
    UndoRequest,
    ValueEventFilter,
)
from qdash_cli.rendering.output import format_count
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.confirm_action import perform_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.values.views.values import ChangedValueDocument, ReversionDocument, ValueEventHeader
    from qdash_core.features.sections import SectionSubject
    from qdash_ui_streamlit.view import View

_PAGE = 100
_MOST_NAMED, _FEW_NAMED = 6, 2
_EVENTS = (
    Column("number", "Event"),
    Column("at", "Time", "time"),
    Column("what", "Change", link="result", help="Opens the result"),
    Column("targets", "Targets", link="href"),
    Column("by", "By", "user"),
    Column("reason", "Reason"),
    Column("parameters", "Parameters"),
)
_KEPT = (
    Column("target", "Target", link="href"),
    Column("parameter", "Parameter"),
    Column("before", "Value"),
)
_RESTORED = (*_KEPT[:2], Column("before", "Now"), Column("after", "Restored"))
_WITHDRAWN = (*_KEPT[:2], Column("before", "Stays"), Column("after", "Withdrawn"))
_SHOWN, _TOLD = "revert.shown", "revert.told"


@dataclass(frozen=True, slots=True)
class ShownReversion:
    """Preview of a reversion that the page has drawn; `once` is the idempotency key of the reversion.

    Its subject is the chip, the point in time, and the targets by kind.
    """

    subject: tuple[str, str, dict[str, str]]
    preview: ReversionDocument
    once: str


def render(view: View, chip_id: str) -> None:
    """Draw the changes of the values of a chip."""
    _draw_log(view, chip_id)
    _draw_reversion(view, chip_id)


@fragment
def _draw_log(view: View, chip_id: str, *, target: str | None = None) -> None:
    if target is None:  # the page of a target draws all its parts again
        rerun_on_events("changes.values", ALL, chip_id=chip_id)
    by_hand = st.toggle("Only changes by users", value=True, key="changes.by_hand")
    of_target: dict[str, Any] = {} if target is None else {"couplings" if "-" in target else "qubits": target}
    query = ValueEventFilter(by_hand=by_hand, **of_target)
    page = view.ask(list_value_events.paged(limit=_PAGE), chip_id, query)
    if not page.items:
        show_empty("No changes of values yet." if not by_hand else "No user has changed a value yet.")
        return
    titles = load_titles(view)
    rows = [_make_row(view, one, titles) for one in page.items]
    columns = [one for one in _EVENTS if target is None or one.name != "targets"]
    if view.edits:
        _draw_undo(view, page.items, titles, named=view.param("event"))
    table(view, columns, rows, key="changes.events", label="Changes of values", shown=20)
    if page.next:
        st.caption(f"These are the newest {_PAGE}; `qdash values log {chip_id}` lists all.")


def draw_target_changes(view: View, subject: SectionSubject) -> None:
    """Draw the changes of the values of a qubit or coupling."""
    st.header("Changes", anchor="changes")
    _draw_log(view, str(subject.chip_id), target=subject.target)


def _make_row(view: View, event: ValueEventHeader, titles: Mapping[str, str]) -> dict[str, Any]:
    targets = event.targets
    row = {
        "number": event.number,
        "at": event.created_at,
        "what": describe_kind(event),
        "targets": summarize_names(targets, _MOST_NAMED),
        "parameters": summarize_names([titles.get(one, one) for one in event.parameters], _FEW_NAMED),
        "by": event.username,
        "reason": event.reason or "",
    }
    if len(targets) == 1:
        row["href"] = make_target_url(view, event.chip_id, targets[0])
    if event.task_id:
        row["result"] = view.link("result", result=event.task_id)
    return row


def _draw_undo(
    view: View, events: Sequence[ValueEventHeader], titles: Mapping[str, str], *, named: str | None
) -> None:
    """Draw the choice of an event that is not undone; the one in the URL comes first, then changes by users that are not an undo."""
    events = sorted(
        (one for one in events if one.undone_by is None),
        key=lambda one: (str(one.number) != named, one.undoes is not None or not one.kind.by_hand),
    )
    if not events:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            "Event",
            [one.number for one in events],
            format_func={one.number: _format_event(one, titles) for one in events}.__getitem__,
            key=f"changes.undo.event.{events[0].number}",  # a new event is proposed in place of an earlier choice
            width=420,
        )
        if st.button("Undo …", icon=":material/undo:", key="changes.undo") and number is not None:
            _ask_to_undo(view, number)


def _format_event(event: ValueEventHeader, titles: Mapping[str, str]) -> str:
    parameters, targets = event.parameters, event.targets
    named = [titles.get(one, one) for one in parameters]
    names = named[0] if len(named) == 1 else f"{len(named)} parameters"
    places = targets[0] if len(targets) == 1 else f"{len(targets)} targets"
    return f"{event.number}: {describe_kind(event)}, {names} of {places}"


def _ask_to_undo(view: View, number: int) -> None:
    dialog(f"Undo event {number}?")(draw_undo_form)(view, number, uuid4().hex)


def draw_undo_form(view: View, number: int, once: str) -> None:
    """Draw the form that undoes an event, sent with an idempotency key."""
    event = view.ask(show_value_event, number)
    if not event.changes:
        st.text(f"{describe_kind(event)}; no value in use changes")
    for change in event.changes[:_MOST_NAMED]:
        back = change.model_copy(update={"before": change.after, "after": change.before})
        st.text(format_change(back, load_titles(view)))
    if (rest := len(event.changes) - _MOST_NAMED) > 0:
        st.text(f"and {rest} more")
    RequestForm(
        view=view,
        model=UndoRequest,
        send=lambda body: view.ask(undo_value_event.once(once), number, body=body),
        place="changes.undo",
        label="Undo",
        success=f"Event {number} undone.",
        fields=("reason",),
        in_dialog=True,
    ).draw()


@fragment
def _draw_reversion(view: View, chip_id: str) -> None:
    """Draw the choice of a point in time, and the values that a reversion to it restores.

    Events do not redraw it: a user restores only values that they have seen.
    """
    st.header("Revert values", anchor="revert")
    told = st.session_state.get(_TOLD)
    if told and told[0] == chip_id:
        st.success(told[1], icon=":material/check:")
    given = view.param("revert") or ""
    with st.form("revert", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        to = st.text_input(
            "To",
            given,
            placeholder="2026-11-20 18:00, 12h, 20261121-004 or release:NAME",
            help="A time, a duration before now, an execution (its end), or a release",
            key="revert.to",
        )
        qubits = st.text_input(
            "Qubits", placeholder="all, if both are empty", key="revert.qubits", help="0-3,7"
        )
        couplings = st.text_input(
            "Couplings", placeholder="all, if both are empty", key="revert.couplings", help="0-1,1-2"
        )
        previewed = st.form_submit_button("Preview", icon=":material/preview:")
    if not to.strip():
        if previewed:
            st.error("Enter the point in time to revert to.", icon=":material/error:")
        return
    chosen: dict[str, Any] = {
        name: text.strip() for name, text in (("qubits", qubits), ("couplings", couplings)) if text.strip()
    }
    preview = view.ask(preview_reversion, chip_id, ReversionFilter(to=to.strip(), **chosen))
    subject = (chip_id, to.strip(), chosen)
    shown: ShownReversion | None = st.session_state.get(_SHOWN)
    outdated = shown is not None and shown.subject == subject and _is_outdated(shown.preview, preview)
    if shown is None or shown.subject != subject or outdated:
        shown = st.session_state[_SHOWN] = ShownReversion(subject, preview, uuid4().hex)
    if view.edits and preview.changes:
        _draw_restoration(view, shown, outdated=outdated)
    _draw_preview(view, chip_id, preview)


def _is_outdated(shown: ReversionDocument, now: ReversionDocument) -> bool:
    """Return whether a preview differs from a shown one; a duration before now is another time in each."""
    return shown.model_copy(update={"to": now.to}) != now


def _draw_restoration(view: View, shown: ShownReversion, *, outdated: bool) -> None:
    """Draw the button that restores the values of a preview, unless they have changed since it was drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Reason (optional)", key="revert.reason", width=400)
        number = format_count(len(shown.preview.changes), "value")
        pressed = st.button(f"Restore {number}", type="primary", key="revert.go")
    if not pressed:
        return
    if outdated:
        st.warning(
            "The values have changed since the preview was drawn. Check it again, and restore then.",
            icon=":material/sync_problem:",
        )
        return
    chip_id, _, chosen = shown.subject

    def act() -> None:
        body = ReversionRequest(
            to=shown.preview.to,
            reason=reason,
            qubits=chosen.get("qubits"),
            couplings=chosen.get("couplings"),
        )
        done = view.ask(revert_values.once(shown.once), chip_id, body=body)
        st.session_state[_TOLD] = (chip_id, f"{number} restored. Undo this with event {done.event}.")

    if perform_action(act, "Values restored"):
        rerun()


def _draw_preview(view: View, chip_id: str, preview: ReversionDocument) -> None:
    if not preview.changes:
        show_empty(f"Nothing would change: the values are those of {preview.to}.")
    else:
        rows = [_make_change_row(view, chip_id, one) for one in preview.changes]
        table(view, _RESTORED, rows, key="revert.changes", label="Values to restore", shown=50)
    if preview.directions:
        turned = ", ".join(f"{one} to control {control}" for one, control in preview.directions.items())
        st.caption(f"Directions change, too: {turned}.")
    if preview.kept:
        stay = format_count(len(preview.kept), "value")
        with st.expander(f"Not in {preview.to}: {stay}, kept as at present"):
            rows = [_make_change_row(view, chip_id, one) for one in preview.kept]
            table(view, _KEPT, rows, key="revert.kept", label="Values that stay", shown=50)

    if preview.withdrawn:
        with st.expander(f"Withdrawn since: {format_count(len(preview.withdrawn), 'value')}, not restored"):
            rows = [_make_change_row(view, chip_id, one) for one in preview.withdrawn]
            table(view, _WITHDRAWN, rows, key="revert.withdrawn", label="Withdrawn values", shown=50)


def _make_change_row(view: View, chip_id: str, change: ChangedValueDocument) -> dict[str, Any]:
    return {
        "target": change.target,
        "href": make_target_url(view, chip_id, change.target),
        "parameter": load_titles(view).get(change.parameter, change.parameter),
        "before": format_value_or_none(change.before),
        "after": format_value_or_none(change.after),
    }
