"""Overlay of a result with others: their choice, and their figure with a legend by target and time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.operations.results import compare_results, list_results, overlay_results
from qdash_builtin.results.pages.result_comparison import list_outputs, make_output_columns
from qdash_builtin.results.pages.result_figures import draw_plotly, name_figure
from qdash_builtin.results.requests import MOST_OTHERS
from qdash_builtin.runs.pages.refit_display import format_moment, get_shown_start
from qdash_core.models.analysis_names import name_analysis
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_builtin.results.views.overlays import OverlaidResultDocument, OverlayDocument
    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View

_WITH = "with"
_COLLECTED = "results.collected"
_OFFERED = 100
"""Number of newest results of the task that are offered, on the target and on any."""


def read_others(view: View) -> list[str]:
    """Return the ids of the other results in the URL."""
    return [one for one in (view.param(_WITH) or "").split(",") if one]


def draw_overlay(view: View, result: RecordedResult, others: list[str]) -> None:
    """Draw the figures of a result and of others on the same axes, and below them their values."""
    with show_errors():
        overlay = view.ask(overlay_results, result.task_id, other=tuple(others[:MOST_OTHERS]))
        draw_plotly(
            view,
            label_traces(view, overlay),
            key=f"overlay.{result.task_id}",
            label=f"{name_figure(result.name, result.qid)} and {len(overlay.results) - 1} other results",
        )
        for one in overlay.refused:
            st.caption(f"Not drawn: {one.task_id[:8]}, because {escape_markdown(one.reason)}.")
        _draw_differences(view, result, overlay)


def _draw_differences(view: View, result: RecordedResult, overlay: OverlayDocument) -> None:
    """Draw the values of a result beside those of the other ones on its target, with the differences. One request for each of them."""
    others = [one for one in overlay.results if one.task_id != result.task_id and _is_comparable(one, result)]
    rows = [
        {**row, "other": make_label(view, "", one.measured_at, analysis=one.analysis), "href": address}
        for one in others
        for address in (view.link("result", result=one.task_id),)
        for row in list_outputs(
            view.ask(compare_results, result.task_id, other=one.task_id), load_titles(view)
        )
    ]
    if rows:
        table(
            view,
            (Column("other", "Compared with", link="href"), *make_output_columns("Its value", "This result")),
            rows,
            key=f"overlay.values.{result.task_id}",
            label="Values of the overlaid results",
            filtered=False,
        )


def _is_comparable(other: OverlaidResultDocument, result: RecordedResult) -> bool:
    return (other.name, other.chip_id, other.qid) == (result.name, result.chip_id, result.qid)


def label_traces(view: View, overlay: OverlayDocument) -> FigureDocument:
    """Return the figure of an overlay with target and time of each result in its legend."""
    chips = {one.chip_id for one in overlay.results}
    names = {
        one.task_id: make_label(
            view, one.qid, one.measured_at, one.chip_id if len(chips) > 1 else "", one.analysis
        )
        for one in overlay.results
    }
    data = [{**trace, "name": names[trace["legendgroup"]]} for trace in overlay.figure.data]
    return FigureDocument(data=data, layout=overlay.figure.layout)


def make_label(view: View, target: str, at: datetime | None, chip: str = "", analysis: str = "") -> str:
    """Return the label of a result: chip, target, time of the measurement and name of a new analysis, without empty ones."""
    named = f"{'coupling' if '-' in target else 'qubit'} {target}" if target else ""
    return " · ".join(one for one in (chip, named, format_moment(view, at), analysis) if one)


def find_label(labels: Mapping[str, str], given: str) -> str:
    """Return the label of the result with an id or the beginning of one, or else its first characters."""
    return next((label for task_id, label in labels.items() if task_id.startswith(given)), given[:8])


def draw_overlay_choice(view: View, result: RecordedResult, others: list[str]) -> None:
    """Draw the choice of the overlaid results (`others`, by id) of one with raw data; two requests while it is open."""
    collected: dict[str, str] = st.session_state.setdefault(_COLLECTED, {})

    def describe(one: RecordedResult | ResultDocument) -> str:
        analysis = name_analysis(one.analysis_model) if one.refit_of else ""
        chip = "" if one.chip_id == result.chip_id else one.chip_id
        return make_label(view, one.qid, get_shown_start(one), chip, analysis)

    with st.container(horizontal=True, vertical_alignment="center"):
        opened = st.toggle("Overlay other results", key=f"overlay.open.{result.task_id}", value=bool(others))
        if result.task_id not in collected:
            st.button(
                "Collect for overlays",
                key=f"overlay.collect.{result.task_id}",
                help="It is then offered on any result",
                on_click=lambda: collected.update(
                    {result.task_id: f"{result.name} · {result.chip_id} · {describe(result)}"}
                ),
            )
    if not opened:
        return
    labels = dict(collected)
    with show_errors():
        listed = list_results.paged(limit=_OFFERED)
        # Other nights of the same target first, however many results of others are newer.
        mine = view.ask(listed, task=result.name, chip_id=result.chip_id, target=result.qid)
        for one in (*mine.items, *view.ask(listed, task=result.name).items):
            if one.raw_data_path and one.task_id not in labels:
                labels[one.task_id] = describe(one)
    labels.pop(result.task_id, None)
    key = f"overlay.chosen.{result.task_id}"
    st.session_state[key] = others

    def write() -> None:
        view.set_params(**{_WITH: ",".join(st.session_state[key]) or None})

    def add() -> None:
        typed = re.split(r"[\s,;]+", st.session_state.pop(f"overlay.ids.{result.task_id}", ""))
        added = [one.rpartition("=")[2] for one in typed if one]
        view.set_params(**{_WITH: ",".join(dict.fromkeys([*others, *added][:MOST_OTHERS])) or None})

    st.multiselect(
        "Results on the same axes",
        list(dict.fromkeys([*others, *labels])),
        format_func=lambda one: find_label(labels, one),
        key=key,
        on_change=write,
        max_selections=MOST_OTHERS,
        placeholder="targets and nights",
    )
    st.text_input(
        "Other results by their ids",
        key=f"overlay.ids.{result.task_id}",
        on_change=add,
        placeholder="ids, or addresses of their pages",
    )
