"""Inputs of the task of a workbench: those in use with their origin, and fields that replace them for one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.marks import HELP, WORDS
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.request_parts.typed_values import parse_values
from qdash_builtin.values.manual_values import check_values
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count, use_minus_sign
from qdash_core.models.request import GivenInput
from qdash_core.tasks.parameters import OutputParameter
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.columns import arrange_in_rows
from qdash_ui_streamlit.display.quantities import format_unit, format_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_builtin.runs.views.task_inputs import CurrentInputDocument, TaskInputsDocument
    from qdash_ui_streamlit.view import View

_NAMED = 4
"""Largest number of inputs that a summary names."""
_TARGET = Column("of", "Target")
_COLUMNS = (
    Column("name", "Input", help="Its parameter of the chip is beside the target if it has another name"),
    Column("at", "Value of"),
    Column("shown", "In use", "quantity"),
    Column("given", "In this run"),
    Column("source", "Source", link="link", help="Task that measured it, or how it was set"),
    Column("username", "User", "user"),
    Column("calibrated_at", "Measured", "time"),
    Column("marks", "Marks", "states", help=HELP),
)


def draw_current_inputs(
    view: View, found: TaskInputsDocument, given: Mapping[str, GivenInput], *, key: str
) -> None:
    """Draw the inputs that the task would use on each target, each with its source and marks."""
    titles = load_titles(view)
    rows = [
        make_input_row(view, target, one, given.get(one.name), titles)
        for target, inputs in found.targets.items()
        for one in inputs
    ]
    several = len(found.targets) > 1
    table(
        view,
        (_TARGET, *_COLUMNS) if several else _COLUMNS,
        rows,
        key=f"{key}.inputs",
        label="Inputs",
        empty="The task has no inputs.",
        filtered=several,
        shown=40,
    )


def make_input_row(
    view: View,
    target: str,
    one: CurrentInputDocument,
    given: GivenInput | None,
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """Return an input as a table row."""
    value = one.default if one.value is None else one.value
    return {
        "of": target,
        "name": titles.get(one.name, one.name),
        "at": one.target
        if one.parameter == one.name
        else f"{one.target}: {titles.get(one.parameter, one.parameter)}",
        "shown": None if value is None else (value, one.error, one.unit),
        "given": None if given is None else format_value(given.value, given.error, one.unit),
        "source": describe_source(one),
        "link": view.link("result", result=one.task_id) if one.task_id else None,
        "username": one.username or None,
        "calibrated_at": one.calibrated_at,
        "marks": [
            {
                "state": str(mark.mark),
                "text": WORDS[mark.mark],
                "title": mark.reason,
                "href": view.link("result", result=mark.task_id) if mark.task_id else None,
            }
            for mark in one.marks
        ],
    }


def describe_source(one: CurrentInputDocument) -> str:
    """Return the origin of the value in use in a word, or why there is none."""
    simulated = ", simulated" if one.simulated else ""
    if one.value is not None:
        return f"{one.task or 'unknown'}{simulated}"
    if one.default is not None:
        return "default of the task"
    return "missing: the task fails" if is_missing(one) else "none: the task does without"


def list_declared_inputs(found: TaskInputsDocument) -> dict[str, list[CurrentInputDocument]]:
    """Return the inputs by declared name, of every target."""
    declared: dict[str, list[CurrentInputDocument]] = {}
    for inputs in found.targets.values():
        for one in inputs:
            declared.setdefault(one.name, []).append(one)
    return declared


def summarize_inputs(
    declared: Mapping[str, Sequence[CurrentInputDocument]],
    replaced: Collection[str],
    titles: Mapping[str, str],
) -> str:
    """Return the number of inputs, with those that are missing, marked or replaced."""
    every = [one for inputs in declared.values() for one in inputs]
    missing = [titles.get(one.name, one.name) for one in every if is_missing(one)]
    parts = [
        format_count(len(declared), "input"),
        f"missing: {summarize_names(list(dict.fromkeys(missing)), _NAMED)}" if missing else "",
        f"{len([one for one in every if one.marks])} marked" if any(one.marks for one in every) else "",
        f"replaced in this run: {summarize_names([titles.get(one, one) for one in replaced], _NAMED)}"
        if replaced
        else "",
    ]
    return ", ".join(part for part in parts if part)


def needs_attention(declared: Mapping[str, Sequence[CurrentInputDocument]]) -> bool:
    """Return whether an input is missing or marked."""
    return any(is_missing(one) or one.marks for inputs in declared.values() for one in inputs)


def is_missing(one: CurrentInputDocument) -> bool:
    """Return whether an input is required and has neither a value nor a default."""
    return one.required and one.value is None and one.default is None


def summarize_in_use(inputs: Sequence[CurrentInputDocument]) -> str:
    """Return the values in use of an input on several targets as short text: one value, or their range."""
    known = [one for one in inputs if one.value is not None]
    if not known:
        default = inputs[0].default
        return "no value" if default is None else f"default {format_value(default)}"
    if len(inputs) == 1:
        return format_value(known[0].value, known[0].error)
    values = [one.value for one in known if one.value is not None]
    low, high = min(values), max(values)
    missing = len(inputs) - len(known)
    text = format_value(low) if low == high else f"{format_value(low)} to {format_value(high)}"
    return f"{text}, {missing} without" if missing else text


def describe_input_field(inputs: Sequence[CurrentInputDocument], titles: Mapping[str, str]) -> str:
    """Return the label of the field of an input: its title, unit and limits."""
    one = inputs[0]
    ends = [
        f"{word} {use_minus_sign(f'{end:.10g}')}"
        for word, end in (("from", one.minimum), ("to", one.maximum))
        if end is not None
    ]
    said = ", ".join(part for part in (format_unit(one.unit), " ".join(ends)) if part)
    title = titles.get(one.name, one.name)
    return f"{title} ({said})" if said else title


def draw_input_fields(
    view: View,
    declared: Mapping[str, Sequence[CurrentInputDocument]],
    *,
    key: str,
    on_change: Any,
    disabled: bool,
) -> dict[str, Any]:
    """Draw a field for each input, and return the placeholder for errors of each."""
    at: dict[str, Any] = {}
    titles = load_titles(view)
    for column, (name, inputs) in arrange_in_rows(declared.items()):
        with column:
            st.text_input(
                describe_input_field(inputs, titles),
                key=f"{key}.input.{name}",
                placeholder=summarize_in_use(inputs),
                help=inputs[0].description or None,
                on_change=on_change,
                args=(name,),
                disabled=disabled,
            )
            at[name] = st.empty()
    return at


def parse_given_input(name: str, text: str, inputs: Sequence[CurrentInputDocument]) -> GivenInput:
    """Return a typed input, `5.01` or `5.01±0.002`.

    Raises
    ------
    InvalidInputError
        If it is no value, or has another unit or is outside the limits of the input.
    """
    one = inputs[0]
    value = parse_values([f"{name}={text}"])[name]
    bounds = OutputParameter(one.unit, one.description, one.minimum, one.maximum)
    checked = check_values({name: value}, {name: bounds}, one.name)[name]
    return GivenInput(value=checked.value, error=checked.error)
