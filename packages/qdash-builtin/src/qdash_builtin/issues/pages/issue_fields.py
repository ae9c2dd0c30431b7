"""Inputs for the fields of an issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.issues.operations import list_issues
from qdash_builtin.issues.requests import IssueFilter, IssueRequest
from qdash_builtin.people.pages.member_options import load_members
from qdash_ui_streamlit.forms.form_fields import list_form_fields
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.issues.views import IssueDocument
    from qdash_ui_streamlit.view import View

_FORM = list_form_fields(IssueRequest)
LINKS = ("chip_id", "targets", "task_id", "metrics", "execution_id", "cooldown_id")
"""Fields that link an issue to records of the laboratory."""
FIELDS = ("title", "body", "labels", "assignees", *LINKS)
"""Fields that forms edit."""
_LISTS = {name for name, one in _FORM.items() if one.kind == "texts"}
_CHOSEN = frozenset({"labels", "assignees"})
"""Lists of which users choose the members; the others are typed."""


def get_fields(issue: IssueDocument) -> dict[str, Any]:
    """Return the fields of an issue that forms edit; absent ones are empty."""
    return make_fields({name: getattr(issue, name) for name in FIELDS})


def make_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that forms edit, with empty ones for those that are not given."""
    return {name: given.get(name) or ([] if name in _LISTS else "") for name in FIELDS}


def list_members_and_labels(view: View) -> tuple[list[str], list[str]]:
    """Return the members of the project, and the labels of its newest issues. Two requests."""
    members = load_members(view)
    labels = load_options(
        "labels",
        lambda: (
            label
            for one in view.ask(list_issues.paged(limit=100), query=IssueFilter()).items
            for label in one.labels
        ),
    )
    return members, sorted({*labels})


def to_input(name: str, value: str | Sequence[str]) -> Any:
    """Return the value of a field as its input has it."""
    if name in _CHOSEN or isinstance(value, str):
        return value
    return ", ".join(value)


def from_input(name: str, value: Any) -> str | list[str]:
    """Return the value of an input as the host takes it."""
    if name in _CHOSEN:
        return list(value)
    text = str(value).strip()
    return [one.strip() for one in text.split(",") if one.strip()] if name in _LISTS else text


def draw_text_inputs(view: View, place: str, values: Mapping[str, Any]) -> None:
    """Draw the inputs of title and description, with keys `PLACE.FIELD`."""
    for name, rows in (("title", 0), ("body", 8)):
        _keep_default(place, name, values)
        _FORM[name].draw(view, f"{place}.{name}", rows=rows)


def draw_people_inputs(view: View, place: str, values: Mapping[str, Any]) -> None:
    """Draw the choices of labels and assignees, with keys `PLACE.FIELD`."""
    members, labels = list_members_and_labels(view)
    with st.container(horizontal=True):
        for name, known, is_open in (("labels", labels, True), ("assignees", members, False)):
            _keep_default(place, name, values)
            _FORM[name].draw(view, f"{place}.{name}", offered=known, is_open=is_open)


def draw_link_inputs(view: View, place: str, values: Mapping[str, Any]) -> None:
    """Draw the inputs of the links, with keys `PLACE.FIELD`."""
    with st.container(horizontal=True):
        for name in LINKS:
            _keep_default(place, name, values)
            _FORM[name].draw(view, f"{place}.{name}")


def read_inputs(place: str) -> dict[str, str | list[str]]:
    """Return the values of the inputs as the host takes them."""
    return {name: from_input(name, st.session_state[f"{place}.{name}"]) for name in FIELDS}


def _keep_default(place: str, name: str, values: Mapping[str, Any]) -> None:
    st.session_state.setdefault(f"{place}.{name}", to_input(name, values[name]))
