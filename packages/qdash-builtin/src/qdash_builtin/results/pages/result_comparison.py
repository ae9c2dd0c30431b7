"""Tables of two results beside each other: outputs with their differences, then other differences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.pages.result_tables import name_figure_of_merit
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import MISSING, format_difference, format_value, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.results.views.refits import RefitOutcomeDocument
    from qdash_builtin.results.views.result_comparisons import (
        ComparedResultDocument,
        DifferenceDocument,
        OutputComparisonDocument,
        ResultComparisonDocument,
    )
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import InputModel
    from qdash_ui_streamlit.view import View

_LONGEST_VALUE = 60
"""Number of characters after which a value is shortened: a swept range may have thousands of points."""
_SIGMAS = "Difference in combined errors"


def make_output_columns(first: str, second: str, *, sigmas: str = _SIGMAS) -> tuple[Column, ...]:
    """Return the columns of the outputs of two results with these headings; rows are those of `make_output_row`.

    `sigmas` is the tooltip of the difference in standard deviations.
    """
    return (
        Column("name", "Parameter"),
        Column("first", first),
        Column("second", second),
        Column("difference", "Difference"),
        Column("sigmas", "σ", help=sigmas),
    )


def draw_comparison_tables(
    view: View, found: ResultComparisonDocument, *, first: str, second: str, key: str
) -> None:
    """Draw the outputs of two results, and their differences; `first` and `second` are the headings of the results."""
    table(
        view,
        make_output_columns(first, second),
        list_outputs(found, load_titles(view)),
        key=f"{key}.outputs",
        label="Values of both results",
        empty="No values.",
        filtered=False,
    )
    table(
        view,
        (Column("kind", "Kind"), Column("name", "Name"), Column("first", first), Column("second", second)),
        list_result_differences(found),
        key=f"{key}.differences",
        label="Differences between both results",
        empty="No difference in inputs, run parameters, software or laboratory.",
        filtered=False,
    )
    for text in (*found.remarks, *found.unrecorded):
        st.caption(escape_markdown(use_unit_symbols(text)))


def list_outputs(found: ResultComparisonDocument, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the outputs of both results as table rows, then verdict and fit quality; titles as of `load_titles`."""
    return [
        *(make_output_row(one, titles) for one in found.outputs),
        *list_fit_facts(found.first, found.second),
    ]


def make_output_row(one: OutputComparisonDocument, titles: Mapping[str, str]) -> dict[str, str]:
    """Return an output of two results as a table row."""
    return {
        "name": titles.get(one.name, one.name),
        "first": format_quantity(one.first),
        "second": format_quantity(one.second),
        # Two analyses of the same data are not independent: their difference has no error of its own.
        "difference": format_difference(
            one.difference, None if one.sigmas is None else one.error, unit=_get_unit(one)
        ),
        "sigmas": MISSING if one.sigmas is None else f"{one.sigmas:.1f}",
    }


def list_fit_facts(
    first: ComparedResultDocument, second: ComparedResultDocument | RefitOutcomeDocument
) -> list[dict[str, str]]:
    """Return verdict and fit quality of two results as table rows."""
    facts: list[tuple[str, Any, Any]] = [
        ("verdict", first.verdict or first.status, second.verdict or second.status),
        ("r2", first.r2, second.r2),
    ]
    facts += [
        (name, first.quality.get(name), second.quality.get(name))
        for name in dict.fromkeys([*first.quality, *second.quality])
    ]
    return [
        {"name": name_figure_of_merit(name), "first": _format_fact(before), "second": _format_fact(after)}
        for name, before, after in facts
        if before is not None or after is not None
    ]


def _get_unit(output: OutputComparisonDocument) -> str:
    known = output.second or output.first
    return "" if known is None else known.unit


def list_result_differences(found: ResultComparisonDocument) -> list[dict[str, str]]:
    """Return the differences in inputs, run parameters, software and laboratory as table rows."""
    inputs = [
        {
            "kind": "input",
            "name": one.name,
            "first": format_quantity(one.first),
            "second": format_quantity(one.second),
        }
        for one in found.inputs
    ]
    return [
        *inputs,
        *_list_rows("run parameter", found.settings),
        *_list_rows("analysis option", found.options),
        *_list_rows("software", found.software),
        *_list_rows("laboratory", found.laboratory),
    ]


def _list_rows(kind: str, differences: Iterable[DifferenceDocument]) -> list[dict[str, str]]:
    return [
        {"kind": kind, "name": one.name, "first": _format_fact(one.first), "second": _format_fact(one.second)}
        for one in differences
    ]


def format_quantity(known: ParameterModel | InputModel | None) -> str:
    """Return a value with error and unit, or a dash for None."""
    return MISSING if known is None else format_value(known.value, known.error, known.unit)


def _format_fact(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, float):
        return format_value(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
