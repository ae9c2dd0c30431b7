"""Scopes view of a chip: the value scopes, their values against those of the chip, commit and discard."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.values.operations.value_scopes import (
    commit_value_scope,
    discard_value_scope,
    list_value_scopes,
    show_value_scope,
)
from qdash_builtin.values.pages.value_changes import format_value_or_none
from qdash_builtin.values.requests.value_changes import ClosingRequest
from qdash_cli.rendering.output import format_count
from qdash_core.errors import StaleError
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.value_change import ScopeStatus
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.query_params import draw_choice
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.values.views.value_scopes import ValueScopeDocument, ValueScopeHeader
    from qdash_builtin.values.views.values import ChangedValueDocument
    from qdash_ui_streamlit.view import View

_MOST_COUNTED = 20
"""Number of open scopes whose values are counted, each with a request."""
_MOST_NAMED = 12
"""Number of changed statuses that are named."""
_TOLD = "scopes.told"
_SCOPES = (
    Column("name", "Scope", link="href", help="Shows its values against those of the chip"),
    Column("status", "Status", "status"),
    Column("by", "By", "user"),
    Column("at", "Created", "time"),
    Column("executions", "Executions", "number"),
    Column("values", "To commit", "number", help="Number of values that a commit would change"),
    Column("closed", "Closed", "time"),
    Column("reason", "Reason"),
)
_VALUES = (
    Column("target", "Target", link="href"),
    Column("parameter", "Parameter"),
    Column("chip", "Chip"),
    Column("scope", "Scope"),
)
_EFFECT = Column("effect", "By a commit")


@fragment
def render(view: View, chip_id: str) -> None:
    """Draw the value scopes of a chip, and the values of one of them."""
    rerun_on_events("scopes", ALL, chip_id=chip_id, at_most_every_s=5.0)
    scopes = list(view.every(list_value_scopes, chip_id))
    if not scopes:
        show_empty(
            "No value scopes yet.",
            "A run with a value scope keeps its values there, and the chip stays as it is until you commit the scope.",
        )
        return
    known = _load_open_scopes(view, scopes)
    rows = [_make_row(view, one, known) for one in scopes]
    table(view, _SCOPES, rows, key="scopes.list", label="Value scopes", shown=20)
    _draw_scope(view, chip_id, scopes, known)


def _load_open_scopes(view: View, scopes: Sequence[ValueScopeHeader]) -> dict[str, ValueScopeDocument]:
    """Return the newest open scopes with their values, by name."""
    names = [one.name for one in scopes if one.status is ScopeStatus.OPEN][:_MOST_COUNTED]
    return {name: view.ask(show_value_scope, scopes[0].chip_id, name) for name in names}


def _make_row(view: View, scope: ValueScopeHeader, known: Mapping[str, ValueScopeDocument]) -> dict[str, Any]:
    values = known.get(scope.name)
    return {
        "name": scope.name,
        "href": view.link("chip", chip=scope.chip_id, view="scopes", scope=scope.name),
        "status": str(scope.status),
        "by": scope.username,
        "at": scope.created_at,
        "executions": len(scope.executions),
        "values": None if values is None else len(values.changes),
        "closed": scope.closed_at,
        "reason": scope.reason or "",
    }


def _draw_scope(
    view: View, chip_id: str, scopes: Sequence[ValueScopeHeader], known: Mapping[str, ValueScopeDocument]
) -> None:
    """Draw the scope in the URL, by default the newest, with its values against those of the chip."""
    st.header("Values", anchor="values")
    chosen = draw_choice(view, "scope", "Scope", [one.name for one in scopes])
    scope = known[chosen] if chosen in known else view.ask(show_value_scope, chip_id, chosen)
    told = st.session_state.get(_TOLD)
    if told and told[0] == (chip_id, chosen):
        st.success(told[1], icon=":material/check:")
    draw_lines(_describe(view, scope))
    if view.edits and scope.status is ScopeStatus.OPEN:
        _draw_actions(view, scope)
    rows = make_value_rows(view, scope)
    if rows:
        columns = (*_VALUES, _EFFECT) if scope.kept or scope.removed else _VALUES
        table(view, columns, rows, key="scopes.values", label=f"Values of {chosen}", shown=50)
    else:
        show_empty("The scope has no accepted value yet.")


def _describe(view: View, scope: ValueScopeDocument) -> list[list[str]]:
    """Return lines of facts about a scope in HTML."""
    executions = ", ".join(
        format_link(view.link("execution", execution=one), one) for one in scope.executions
    )
    users = ", ".join(scope.users) or scope.username
    lines = [[format_status_html(scope.status), f"by {escape(users)}", f"executions {executions}"]]
    if scope.closed_at is not None:
        reason = f": {escape(scope.reason)}" if scope.reason else ""
        closed = [f"{scope.status} {view.time(scope.closed_at)} by {escape(scope.closed_by or '')}{reason}"]
        if scope.event is not None:
            address = view.link("chip", chip=scope.chip_id, view="changes")
            closed.append(format_link(address, f"event {scope.event}"))
        lines.append(closed)
    if scope.directions:
        turned = ", ".join(f"{one} to control {control}" for one, control in scope.directions.items())
        lines.append([f"directions: {escape(turned)}"])
    for word, changes in (("statuses", scope.status_changes), ("statuses that stay", scope.kept_statuses)):
        if changes:
            named = [f"{target} {one.before} → {one.after}" for target, one in changes.items()]
            lines.append([f"{word}: {escape(summarize_names(named, _MOST_NAMED))}"])
    return lines


def make_value_rows(view: View, scope: ValueScopeDocument) -> list[dict[str, Any]]:
    """Return the values of a scope and of the chip as table rows, each with the effect of a commit."""
    return [
        _make_value_row(view, scope.chip_id, change, effect)
        for changes, effect in (
            (scope.changes, "set"),
            (scope.kept, "the chip's stays: measured later"),
            (scope.removed, "removed: of the former direction"),
        )
        for change in changes
    ]


def _make_value_row(view: View, chip_id: str, change: ChangedValueDocument, effect: str) -> dict[str, Any]:
    return {
        "target": change.target,
        "href": make_target_url(view, chip_id, change.target),
        "parameter": load_titles(view).get(change.parameter, change.parameter),
        "chip": format_value_or_none(change.before),
        "scope": format_value_or_none(change.after),
        "effect": effect,
    }


def _draw_actions(view: View, scope: ValueScopeDocument) -> None:
    with st.container(horizontal=True):
        if st.button(
            "Commit …",
            type="primary",
            icon=":material/publish:",
            key="scopes.commit",
            disabled=not scope.changes,
        ):
            dialog(f"Commit scope {scope.name}?")(draw_commit_form)(view, scope, uuid4().hex)
        if st.button("Discard …", icon=":material/delete:", key="scopes.discard"):
            dialog(f"Discard scope {scope.name}?")(draw_discard_form)(view, scope, uuid4().hex)


def draw_commit_form(view: View, scope: ValueScopeDocument, once: str) -> None:
    """Draw the form that commits the values that the page showed, sent with an idempotency key."""
    parts = [f"This sets {format_count(len(scope.changes), 'value')} of the chip."]
    if scope.kept:
        parts.append(f"It keeps {format_count(len(scope.kept), 'newer value')} of the chip.")
    if scope.removed:
        parts.append(f"It removes {format_count(len(scope.removed), 'value')} of the former direction.")
    st.markdown(" ".join(parts))

    def commit(body: ClosingRequest) -> None:
        now = view.ask(show_value_scope, scope.chip_id, scope.name)
        shown = (scope.changes, scope.kept, scope.removed)
        if now.status is ScopeStatus.OPEN and (now.changes, now.kept, now.removed) != shown:
            raise StaleError("the values have changed since this page showed them: go back and check them")
        done = view.ask(commit_value_scope.once(once), scope.chip_id, scope.name, body=body)
        undo = view.link("chip", chip=scope.chip_id, view="changes")
        _tell(
            scope,
            f"{format_count(len(done.changes), 'value')} committed. Undo it with event {done.event} in the [changes]({undo}).",
        )

    RequestForm(
        view=view,
        model=ClosingRequest,
        send=commit,
        place="scopes",
        label="Commit",
        success="Scope committed.",
        in_dialog=True,
    ).draw()


def draw_discard_form(view: View, scope: ValueScopeDocument, once: str) -> None:
    """Draw the form that discards a scope, sent with an idempotency key."""
    st.markdown(
        "The chip keeps its values. The results stay in the record, but no run can use the scope again."
    )

    def discard(body: ClosingRequest) -> None:
        view.ask(discard_value_scope.once(once), scope.chip_id, scope.name, body=body)
        _tell(scope, f"Scope {escape_markdown(scope.name)} discarded. The chip keeps its values.")

    RequestForm(
        view=view,
        model=ClosingRequest,
        send=discard,
        place="scopes",
        label="Discard",
        success="Scope discarded.",
        in_dialog=True,
    ).draw()


def _tell(scope: ValueScopeDocument, text: str) -> None:
    st.session_state[_TOLD] = ((scope.chip_id, scope.name), text)
