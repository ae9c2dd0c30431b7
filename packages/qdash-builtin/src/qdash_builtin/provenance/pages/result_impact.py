"""Origin and impact of a result: the source of its inputs, and everything that used its values, directly or through other results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.provenance.operations import show_impact
from qdash_builtin.provenance.pages.impact import describe_impact, has_impact
from qdash_builtin.provenance.pages.provenance_graph import draw_result_origin
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.query_params import draw_toggle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.provenance.views.impacts import AffectedResult, ImpactDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.features.sections import SectionSubject
    from qdash_ui_streamlit.view import View

_VALUES = (
    Column("target", "Target", link="target_link"),
    Column("parameter", "Parameter", link="history", help="Opens the history"),
    Column("shown", "Value in use", "quantity"),
    Column("result", "Result", link="link"),
    Column("steps", "Steps", "number", help="1: measured with a value of this result"),
)
_RESULTS = (
    Column("name", "Task", link="link", help="Opens the result"),
    Column("target", "Target", link="target_link"),
    Column("outcome", "Outcome", "status"),
    Column("at", "Started", "time"),
    Column("steps", "Steps", "number"),
    Column("execution", "Execution", "execution"),
)
_RELEASES = (Column("name", "Release", link="link"), Column("at", "Created", "time"))


def draw_origin_and_impact(view: View, subject: SectionSubject) -> None:
    """Draw the graph of the origin and use of a result, and the switch of its impact."""
    result: RecordedResult = subject.document
    st.header("Origin and use", anchor="origin")
    draw_result_origin(view, result)
    if result.output_parameters:
        _draw_impact(view, result)


@fragment
def _draw_impact(view: View, result: RecordedResult) -> None:
    """Draw the switch and, if it is on, everything that used a result. One request."""
    scroll_here(view.param("impact"), key="impact.scroll", block="start")
    if not draw_toggle(view, "impact", "What used it"):
        return
    impact = view.ask(show_impact, result.task_id)
    if not has_impact(impact):
        show_empty("Nothing has used its values.")
        return
    st.markdown(describe_impact(impact))
    if impact.values:
        st.subheader("Values in use that depend on it")
        table(view, _VALUES, _make_value_rows(view, impact), key="impact.values", label="Affected values")
    direct = [one for one in impact.results if one.steps == 1]
    further = [one for one in impact.results if one.steps > 1]
    for title, results, columns in (
        ("Used its values directly", direct, [one for one in _RESULTS if one.name != "steps"]),
        ("Used them through other results", further, _RESULTS),
    ):
        if results:
            st.subheader(title)
            rows = _make_result_rows(view, impact, results)
            table(view, columns, rows, key=f"impact.{len(columns)}", label=title, shown=50)
    if impact.releases:
        st.subheader("Releases")
        releases = view.link("chip", chip=impact.chip_id, view="releases")
        rows = [{"name": one.name, "link": releases, "at": one.created_at} for one in impact.releases]
        table(view, _RELEASES, rows, key="impact.releases", label="Affected releases")


def _make_value_rows(view: View, impact: ImpactDocument) -> list[dict[str, Any]]:
    titles = load_titles(view)
    names = {one.task_id: one.name for one in impact.results}
    return [
        {
            "target": one.target,
            "target_link": make_target_url(view, impact.chip_id, one.target),
            "parameter": titles.get(one.parameter, one.parameter),
            "history": make_target_url(view, impact.chip_id, one.target, metric=one.parameter),
            "shown": (one.value, one.error, one.unit),
            "result": names.get(one.task_id, f"result {one.task_id[:8]}"),
            "link": view.link("result", result=one.task_id),
            "steps": one.steps,
        }
        for one in impact.values
    ]


def _make_result_rows(
    view: View, impact: ImpactDocument, results: Iterable[AffectedResult]
) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "link": view.link("result", result=one.task_id),
            "target": one.target,
            "target_link": make_target_url(view, impact.chip_id, one.target),
            "outcome": one.outcome,
            "at": one.start_at,
            "steps": one.steps,
            "execution": one.execution_id,
        }
        for one in results
    ]
