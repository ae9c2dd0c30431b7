"""Trends page: a small plot of each series of a chip, worst first."""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.operations.chip_trends import chip_trends
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_builtin.metrics.pages.annotations import (
    loading_annotations,
    make_annotation_data,
    select_annotations,
)
from qdash_builtin.metrics.pages.components.trends import trend_plots
from qdash_builtin.metrics.pages.metric_selection import list_metrics
from qdash_builtin.metrics.pages.specification import get_scale
from qdash_builtin.metrics.pages.trend_plot import draw_plot, make_frame
from qdash_builtin.metrics.text_output.trends import describe_spread, describe_totals, describe_trend
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip
from qdash_ui_streamlit.display.quantities import format_value, use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_select, keep_params

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.metrics.views.trends import ChipTrendsDocument, TrendDocument
    from qdash_ui_streamlit.view import View

_FIRST = 24
"""Plots that are shown at first, and further ones with each link."""
_LONGEST_NOTE = 120


@fragment
def render(view: View) -> None:
    """Draw the page. Three requests, and one for the chips."""
    chip_id, chips = load_chips(view)
    if chip_id is None:
        st.title("Trends")
        show_no_chip(view)
        return
    keep_params(view, "trends", "metric")
    rerun_on_events("trends", ALL, chip_id=chip_id, at_most_every_s=10.0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Trends", anchor=False, width="content")
        _draw_chip_selector(view, chips, chip_id)
        definitions = view.ask(metric_definitions, chip_id=chip_id)
        metric = _draw_metric_selector(view, definitions)
    with loading_annotations(view, chip_id, metric=metric) as annotations:
        trends = view.ask(chip_trends, chip_id, metric=() if metric is None else (metric,))
    if not trends.series:
        show_empty(f"No accepted value of chip {chip_id} yet.", "A trend needs five values of one metric.")
        return
    st.markdown(use_unit_symbols(f"{describe_totals(trends)}."))
    _draw_spreads(trends, definitions)
    _draw_plots(view, trends, definitions, metric, annotations.result())


def _draw_chip_selector(view: View, chips: Sequence[str], chip_id: str) -> None:
    st.session_state["trends.chip"] = chip_id
    st.selectbox("Chip", chips, key="trends.chip", on_change=partial(_select_chip, view), width=220)


def _select_chip(view: View) -> None:
    view.set_params(chip=st.session_state["trends.chip"], shown=None)


def _draw_metric_selector(view: View, definitions: MetricDefinitionsDocument) -> str | None:
    return draw_select(
        view,
        "metric",
        "Metric",
        list_metrics(definitions),
        any_text="main metrics",
        format_option=definitions.get_title,
        clears=("shown",),
    )


def _draw_spreads(trends: ChipTrendsDocument, definitions: MetricDefinitionsDocument) -> None:
    """Draw a sentence for each metric whose series scatter by more than their errors."""
    titles = [definitions.get_title(one.metric) for one in trends.spread_summaries]
    words = [describe_spread(one, title) for one, title in zip(trends.spread_summaries, titles, strict=True)]
    if words:
        st.markdown(use_unit_symbols("\n".join(f"- {one}." for one in words)))


def _draw_plots(
    view: View,
    trends: ChipTrendsDocument,
    definitions: MetricDefinitionsDocument,
    metric: str | None,
    annotations: ChipAnnotationsDocument | None,
) -> None:
    """Draw the plots as links, and a link to further ones."""
    shown = _read_number(view)
    series = trends.series[:shown]
    items = [_make_item(view, trends.chip_id, one, definitions, annotations) for one in series]
    more = None
    if shown < len(trends.series):
        address = view.link("trends", chip=trends.chip_id, metric=metric, shown=shown + _FIRST)
        more = {"href": address, "title": f"more, {len(trends.series) - shown} not shown"}
    trend_plots(items, more=more, key="trends.plots")


def _read_number(view: View) -> int:
    text = view.param("shown") or ""
    return max(_FIRST, int(text)) if text.isdecimal() else _FIRST


def _make_item(
    view: View,
    chip_id: str,
    trend: TrendDocument,
    definitions: MetricDefinitionsDocument,
    annotations: ChipAnnotationsDocument | None,
) -> dict[str, Any]:
    """Return a plot with title and words, as a link to the history of the value."""
    scale = get_scale(
        trend.metric, definitions.get_metrics(get_target_kind(trend.target)).get(trend.metric), trend.unit
    )
    found = describe_trend(trend, unit=scale.unit, scale=scale.factor, zone=view.zone)
    drawn = [one.at for one in (*trend.points, *trend.flagged)]
    events = select_annotations(annotations, drawn[0], target=trend.target, metric=trend.metric)
    found += [
        f"note: {shorten(f'{one.text} ({one.username})', _LONGEST_NOTE, placeholder=' …')}"
        for one in events
        if one.until is not None
    ]
    latest = trend.points[-1]
    return {
        "href": make_target_url(view, chip_id, trend.target, metric=trend.metric),
        "title": f"{trend.target} {scale.title}",
        "value": format_value(*scale.shown(latest.value, latest.error)),
        "plot": draw_plot(trend, scale, view.zone),
        "frame": make_frame(trend, view.zone),
        "annotations": make_annotation_data(view, chip_id, events, drawn[-1]),
        "words": use_unit_symbols("; ".join(found) or _describe_nothing(trend)),
    }


def _describe_nothing(trend: TrendDocument) -> str:
    return "steady" if trend.drift is not None else f"{trend.n} values are too few to judge"
