"""Form for the fields of a record that users edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_core.errors import QDashError, StaleError
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.forms.time_params import EARLIEST, LATEST, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_ui_streamlit.view import View

_WIDTH = 240
YES_OR_NO = {True: "yes", False: "no"}
"""Values of yes-or-no fields for people."""


@dataclass(frozen=True, slots=True)
class RecordField:
    """Field of a record.

    Parameters
    ----------
    label : str
        Name of the field for people.
    kind : str
        Kind of its input: "text", "time", "number", "boolean" or "choice".
    help : str
        Tooltip, or empty.
    options : tuple of str
        Values of a choice.
    """

    label: str
    kind: str = "text"
    help: str = ""
    options: tuple[str, ...] = ()


def draw_record_form(
    view: View,
    fields: Mapping[str, RecordField],
    values: Mapping[str, Any],
    *,
    place: str,
    version: object,
    label: str,
    save: Callable[[dict[str, Any]], Any],
) -> None:
    """Draw the form, and the refusal of its last submission.

    Parameters
    ----------
    view : View
        View of the user.
    fields : mapping of str to RecordField
        The fields of the form.
    values : mapping
        Present values, or defaults of a new record; the form submits the fields that differ from them.
    place : str
        Unique name of the form.
    version : object
        Version of the values. Inputs are kept while it stays the same.
    label : str
        Label of the button.
    save : callable
        Sends the changed fields to the host. It has the version with which the form was drawn: a callback runs before
        the record is read again.
    """
    key = f"{place}.{version}"
    shown = {name: _to_input(view, field, values.get(name)) for name, field in fields.items()}

    def submit() -> None:
        given = {name: st.session_state[f"{key}.{name}"] for name in shown}
        changed = {name: value for name, value in given.items() if value != shown[name]}
        try:
            save({name: _from_input(view, value) for name, value in changed.items()})
        except StaleError as error:
            lost = ", ".join(f"{fields[name].label} {value}" for name, value in changed.items())
            st.session_state[f"{place}.problem"] = StaleError(
                f"{error}. The form shows the present values. Not saved: {lost}"
            )
        except QDashError as error:
            st.session_state[f"{place}.problem"] = error
        else:
            st.toast("Saved.", icon=":material/check:")

    with st.form(place, border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name, value in shown.items():
                st.session_state.setdefault(f"{key}.{name}", value)
                _draw_input(view, fields[name], f"{key}.{name}")
        st.form_submit_button(label, type="primary", on_click=submit)
    if (problem := st.session_state.pop(f"{place}.problem", None)) is not None:
        show_problem(problem)


def _draw_input(view: View, field: RecordField, key: str) -> None:
    label, text, kind = capitalise(field.label), field.help, field.kind
    if kind == "time":
        text = f"{text} Time zone: {view.zone.key}".strip()
        st.datetime_input(label, None, EARLIEST, LATEST, key=key, step=60, help=text, width=_WIDTH)
    elif kind == "number":
        st.number_input(label, value=None, format="%g", key=key, help=text, width=_WIDTH)
    elif kind == "text":
        st.text_input(label, key=key, help=text, width=_WIDTH)
    elif kind == "boolean":
        show = YES_OR_NO.__getitem__
        st.selectbox(label, [*YES_OR_NO], None, format_func=show, key=key, help=text, width=_WIDTH)
    else:
        st.selectbox(label, field.options, None, key=key, help=text, width=_WIDTH)


def _to_input(view: View, field: RecordField, value: Any) -> Any:
    """Return a value as the input of its field has it; a time is local and without seconds."""
    if value is None:
        return "" if field.kind == "text" else None
    if isinstance(value, datetime):
        return value.astimezone(view.zone).replace(second=0, microsecond=0, tzinfo=None)
    return float(value) if field.kind == "number" else str(value) if field.kind == "choice" else value


def _from_input(view: View, value: Any) -> Any:
    """Return the value of an input as the host takes it."""
    return format_time(value.replace(tzinfo=view.zone)) if isinstance(value, datetime) else value


def capitalise(text: str) -> str:
    """Return a text with an upper-case initial."""
    return text[:1].upper() + text[1:]
