"""Rerun of a result with its recorded inputs, and comparison of a rerun with its original."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.executions import ResultRerunRequest, rerun_result
from qdash_client.generated.api.results import compare_results
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.quantities import MISSING, format_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.documents.executions import SubmittedDocument
    from qdash_core.documents.refits import RefitOutcomeDocument
    from qdash_core.documents.result_comparisons import (
        ComparedResultDocument,
        DifferenceDocument,
        OutputComparisonDocument,
        ResultComparisonDocument,
    )
    from qdash_core.documents.results import RecordedResult
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import InputModel
    from qdash_ui_streamlit.view import View

_OUTPUTS = (
    Column("name", "Parameter"),
    Column("first", "Original"),
    Column("second", "This result"),
    Column("difference", "Difference"),
    Column("sigmas", "σ", help="Difference in standard deviations"),
)
_DIFFERENCES = (
    Column("kind", "Kind"),
    Column("name", "Name"),
    Column("first", "Original"),
    Column("second", "This result"),
)
_LONGEST_VALUE = 60
"""Number of characters after which a value is shortened: a swept range may have thousands of points."""


def draw_rerun(view: View, result: RecordedResult) -> None:
    """Draw the button for a rerun if the user may edit, and the comparison if the result is a rerun or a refit."""
    if can_be_rerun(result):
        if view.edits:
            _draw_button(view, result)
        address = view.link(
            "workbench",
            chip=result.chip_id,
            task=result.name,
            targets=result.qid or None,
            before=result.task_id,
        )
        st.markdown(f"[Open in the workbench]({address}) to measure with one change")
    if result.rerun_of is not None or result.refit_of is not None:
        with show_errors():
            kind = "Rerun" if result.rerun_of is not None else "Refit"
            _draw_comparison(view, view.ask(compare_results, result.task_id), kind)


def can_be_rerun(result: RecordedResult) -> bool:
    """Return whether a task measured the result; the host refuses those that cannot be rerun."""
    return result.backend is not None and result.refit_of is None and result.start_at is not None


@fragment
def _draw_button(view: View, result: RecordedResult) -> None:
    place = f"result.rerun.{result.task_id}"
    key = st.session_state.setdefault(f"{place}.key", str(uuid4()))  # a second click submits the same run
    if st.button(
        "Rerun with these inputs",
        icon=":material/replay:",
        key=place,
        help="Measure again with the recorded inputs and run parameters. The values of the chip do not change.",
    ):
        st.session_state[f"{place}.submitted"] = view.ask(
            rerun_result, result.task_id, body=ResultRerunRequest(), idempotency_key=key
        )
        st.session_state[f"{place}.key"] = str(uuid4())
    submitted: SubmittedDocument | None = st.session_state.get(f"{place}.submitted")
    if submitted is not None:
        advice = f" {submitted.advice}" if submitted.advice else ""
        link = view.link("execution", execution=submitted.execution_id)
        st.success(f"Submitted as [{submitted.execution_id}]({link}).{advice}", icon=":material/check:")


def _draw_comparison(view: View, found: ResultComparisonDocument, kind: str) -> None:
    st.header("Comparison with the original")
    st.markdown(f"{kind} of [an earlier result]({view.link('result', result=found.first.task_id)}).")
    table(
        view,
        _OUTPUTS,
        list_outputs(found),
        key="rerun.outputs",
        label="Outputs of both results",
        empty="No values.",
        filtered=False,
    )
    table(
        view,
        _DIFFERENCES,
        list_result_differences(found),
        key="rerun.differences",
        label="Differences between both results",
        empty="No difference in inputs, run parameters, software or laboratory.",
        filtered=False,
    )
    for text in (*found.remarks, *found.unrecorded):
        st.caption(text)


def list_outputs(found: ResultComparisonDocument) -> list[dict[str, str]]:
    """Return the outputs of both results as table rows, then verdict and fit quality."""
    return [
        *(make_output_row(one) for one in found.outputs),
        *list_fit_facts(found.first, found.second),
    ]


def make_output_row(one: OutputComparisonDocument) -> dict[str, str]:
    """Return an output of two results as a table row."""
    return {
        "name": one.name,
        "first": format_quantity(one.first),
        "second": format_quantity(one.second),
        "difference": format_value(one.difference, unit=_get_unit(one)),
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
        {"name": name, "first": _format_fact(before), "second": _format_fact(after)}
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
