"""Selection of metric and values on the page of metrics, stored in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.value_selection import (
    ValueSelection,
    draw_comparison_selector,
    draw_range_selector,
    read_comparison,
    read_selection,
)
from qdash_ui_streamlit.forms.more_filters import more_filters
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_select, draw_text_field, draw_toggle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.metrics.views.metric_definitions import (
        MetricDefinitionsDocument,
    )
    from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
    from qdash_ui_streamlit.view import View

DISTRIBUTION, TIME, CORRELATION, TABLE = "distribution", "time", "correlation", "table"
VIEWS = {
    DISTRIBUTION: "Distribution",
    TIME: "Over time",
    CORRELATION: "Correlation",
    TABLE: "Table",
}
"""Titles of the views by their name in the URL."""
_OF_SECOND = ("than", "than_cooldown", "than_since", "than_until")


@dataclass(frozen=True, slots=True)
class MetricSelection:
    """Metric, values and values beside them, as in the URL.

    Parameters
    ----------
    shown : str
        View, one of `VIEWS`.
    second : ValueSelection or None
        Values beside them, or None.
    second_chip : str or None
        Their chip; None for the same one.
    without_excluded : bool
        Whether excluded and dead targets are left out.
    """

    chip_id: str
    metric: str
    shown: str
    first: ValueSelection
    second: ValueSelection | None
    second_chip: str | None
    other_metric: str | None
    without_excluded: bool

    def query(self) -> dict[str, Any]:
        """Return the query of the route of statistics."""
        query: dict[str, Any] = {"metric": self.metric, **self.first.arguments()}
        if self.second is not None:
            second = {
                f"other_{name}": value for name, value in self.second.arguments().items() if name != "mode"
            }
            # The chip also selects values of any time, which have no other parameter.
            query |= second | {"other_chip_id": self.second_chip or self.chip_id}
        if self.shown == CORRELATION and self.other_metric is not None:
            query["other_metric"] = self.other_metric
        if self.without_excluded:
            query["without_excluded"] = True
        if self.shown == TIME:
            query["series"] = True
        return query


def read_metric_selection(
    view: View, chip_id: str, definitions: MetricDefinitionsDocument
) -> MetricSelection:
    """Return the selection in the URL.

    Raises
    ------
    InvalidInputError
        If a query parameter is invalid.
    """
    metric = read_metric(view, definitions)
    shown = view.param("view")
    chip = view.param("than_chip")
    second_chip = None if chip == chip_id else chip
    first, second = read_selection(view), read_comparison(view)
    if second is None and second_chip is not None:
        second = ValueSelection(first.mode)
    if second == first and second_chip is None:
        second = None
    others = list_other_metrics(definitions, metric)
    named = view.param("with")
    return MetricSelection(
        chip_id=chip_id,
        metric=metric,
        shown=shown if shown in VIEWS else DISTRIBUTION,
        first=first,
        second=second,
        second_chip=second_chip,
        other_metric=named if named and named != metric else next(iter(others), None),
        without_excluded=view.param("without_excluded") is not None,
    )


def read_metric(view: View, definitions: MetricDefinitionsDocument) -> str:
    """Return the metric in the URL, or the first one of the default table."""
    return view.param("metric") or list_metrics(definitions)[0]


def draw_metric_selectors(
    view: View,
    chip_id: str,
    chips: Sequence[str],
    selection: MetricSelection,
    found: MetricStatisticsDocument | None,
) -> None:
    """Draw the choice of the values; the cool-downs are those of the statistics, if they could be read."""
    cooldowns = [] if found is None else found.sets[0].cooldowns
    others = cooldowns if found is None or len(found.sets) < 2 else found.sets[1].cooldowns
    compared = (*_OF_SECOND, "than_chip", "without_excluded")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_range_selector(view, chip_id, cooldowns=cooldowns)
        with more_filters(view, compared, label="Compare"):
            draw_select(
                view,
                "than_chip",
                "Compare with chip",
                [one for one in chips if one != chip_id],
                any_text="the same chip",
                clears=_OF_SECOND,
                width=270,
            )
            draw_comparison_selector(
                view, others, "Compared values", is_optional=selection.second_chip is None
            )
            draw_toggle(view, "without_excluded", "Without excluded targets")


def draw_metric(view: View, definitions: MetricDefinitionsDocument, current: str) -> None:
    """Draw the choice of the metric."""
    _draw_metric(view, "metric", "Metric", list_metrics(definitions), definitions, current=current)


def draw_view_selector(view: View, selection: MetricSelection) -> None:
    """Draw the choice of the view."""
    st.session_state["metrics.view"] = selection.shown
    st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        key="metrics.view",
        on_change=_set_view,
        args=(view,),
        width="content",
    )


def draw_other_metric(view: View, definitions: MetricDefinitionsDocument, selection: MetricSelection) -> None:
    """Draw the choice of the metric for the correlation."""
    names = list_other_metrics(definitions, selection.metric)
    _draw_metric(view, "with", "Correlation with", names, definitions, current=selection.other_metric)


def draw_target_field(view: View) -> str:
    """Draw the field for the highlighted targets, and return its text."""
    return draw_text_field(view, "targets", "Highlight targets", placeholder="0-3, 7", width=220) or ""


def list_metrics(definitions: MetricDefinitionsDocument) -> list[str]:
    """Return all metrics, those of the default table first."""
    usual = [*definitions.qubit_table, *definitions.coupling_table]
    return [*dict.fromkeys([*usual, *definitions.qubits, *definitions.couplings])]


def list_other_metrics(definitions: MetricDefinitionsDocument, metric: str) -> list[str]:
    """Return the metrics of the same kind of target, those of the default table first."""
    own: Mapping[str, object] = (
        definitions.couplings if metric in definitions.couplings else definitions.qubits
    )
    return [name for name in list_metrics(definitions) if name in own and name != metric]


def _draw_metric(
    view: View,
    param: str,
    label: str,
    names: Sequence[str],
    definitions: MetricDefinitionsDocument,
    *,
    current: str | None,
) -> None:
    offered = [*names, *([current] if current is not None and current not in names else [])]
    if param not in st.query_params and current is not None:
        offered.sort(key=lambda name: name != current)  # the first one is selected without a query parameter
    draw_choice(
        view,
        param,
        label,
        offered,
        format_option=definitions.get_title,
        width=260,
    )


def _set_view(view: View) -> None:
    shown = st.session_state["metrics.view"]
    view.set_params(view=None if shown in (None, DISTRIBUTION) else shown)
