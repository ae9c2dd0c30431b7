"""Yield view of a chip: the fraction of good targets and the distribution of values, for each metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.operations.metrics import metric_definitions, metric_summary
from qdash_builtin.metrics.pages.chip_distributions import make_panels
from qdash_builtin.metrics.pages.distributions import distributions
from qdash_builtin.metrics.pages.value_selection import (
    draw_comparison_selector,
    draw_range_selector,
    list_cooldowns_of_chip,
)
from qdash_builtin.metrics.requests.values import ValuesQuery
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import format_unit, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.pages.chip_distributions import DistributionPanel
    from qdash_builtin.metrics.pages.value_selection import ValueSelection
    from qdash_ui_streamlit.view import View

_PANELS, _TABLE = "Panels", "Table"


def render(view: View, chip_id: str) -> None:
    """Draw the yield of a chip."""
    cooldowns = list_cooldowns_of_chip(view, chip_id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        now = draw_range_selector(view, chip_id, cooldowns=cooldowns)
        st.session_state["yield.form"] = _TABLE if view.param("form") == "table" else _PANELS
        st.segmented_control(
            "Layout",
            [_PANELS, _TABLE],
            key="yield.form",
            on_change=_set_layout,
            args=(view,),
            width="content",
        )
        previous = draw_comparison_selector(view, cooldowns)
    _draw_values(view, chip_id, now, previous)


@fragment
def _draw_values(view: View, chip_id: str, now: ValueSelection, previous: ValueSelection | None) -> None:
    rerun_on_events("yield.rerun", ALL, chip_id=chip_id, at_most_every_s=5.0)
    summary = view.ask(metric_summary, chip_id, query=ValuesQuery(**now.arguments()))
    compared = (
        None
        if previous is None
        else view.ask(metric_summary, chip_id, query=ValuesQuery(**previous.arguments()))
    )
    found = make_panels(summary, compared, view.ask(metric_definitions, chip_id=chip_id))
    if not found:
        show_empty(
            f"Chip {chip_id} has no values {_describe_selection(view, now)}.",
            f"Select another time range{', or select qubits on the map and calibrate them' if view.edits else ''}.",
        )
        return
    words = now.describe(view), None if previous is None else previous.describe(view)
    if view.param("form") == "table":
        _draw_table(view, chip_id, found, words)
        return
    distributions(
        [one.as_data() | _make_links(view, chip_id, one) for one in found],
        now=words[0],
        then=words[1],
        key="yield.panels",
    )


def _describe_selection(view: View, now: ValueSelection) -> str:
    return f"({now.describe(view)})" if now.arguments() else "yet"


def _set_layout(view: View) -> None:
    view.set_params(form="table" if st.session_state["yield.form"] == _TABLE else None)


def _make_links(view: View, chip_id: str, panel: DistributionPanel) -> dict[str, str]:
    links = {
        "map": view.link("chip", chip=chip_id, metric=panel.name),
        "details": view.link("metrics", chip=chip_id, metric=panel.name),
    }
    if (best := panel.now.best_target) is not None:
        links["link"] = view.link(panel.kind, chip=chip_id, metric=panel.name, **{panel.kind: best})
    return links


def _draw_table(
    view: View, chip_id: str, found: Sequence[DistributionPanel], words: tuple[str, str | None]
) -> None:
    columns = [
        Column("metric", "Metric", link="map"),
        Column("unit", "Unit"),
        Column("specification", "Specification"),
        Column("measured", "Measured", "number", help=words[0]),
        Column("missing", "Missing", "number", help="Targets without a value"),
        Column("within", "Within spec.", "number", help="Values within specification"),
        Column("share", "Yield of measured targets (%)", "number"),
        Column("stale", "Stale", "number", help="Older than the age limit of the metric"),
        Column("median", "Median", "number"),
        Column("best", "Best", "number"),
        Column("best_target", "Best target", link="link"),
    ]
    if words[1] is not None:
        columns += [
            Column("then_share", "Compared yield (%)", "number", help=words[1]),
            Column("then_median", "Compared median", "number", help=words[1]),
        ]
    table(
        view,
        columns,
        [_make_row(one) | _make_links(view, chip_id, one) for one in found],
        key="yield.table",
        label="Yield by metric",
    )


def _make_row(panel: DistributionPanel) -> dict[str, Any]:
    now, previous = panel.now, panel.then
    return {
        "metric": panel.title,
        "unit": format_unit(panel.unit) or None,
        "specification": panel.specification and use_unit_symbols(panel.specification),
        "measured": now.n,
        "missing": now.missing,
        "within": now.within,
        "share": _percentage(now.within, now.n),
        "stale": now.stale,
        "median": now.median,
        "best": now.best,
        "best_target": now.best_target,
        "then_share": None if previous is None else _percentage(previous.within, previous.n),
        "then_median": None if previous is None else previous.median,
    }


def _percentage(within: int | None, n: int) -> float | None:
    return None if within is None or not n else round(100 * within / n, 1)
