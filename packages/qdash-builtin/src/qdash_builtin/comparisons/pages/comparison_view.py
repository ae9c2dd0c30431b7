"""Comparison of two states of a chip: as sentences, on the map and as a table."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.chips.pages.chip_layout import make_layout
from qdash_builtin.comparisons.pages.difference_map import LEGEND, make_difference_map
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_builtin.metrics.pages.specification import get_scale
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.components.figure import show_figure
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.quantities import format_value
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.form_fields import capitalise
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.comparisons.views.comparisons import (
        ComparedStateDocument,
        ComparedValueDocument,
        PointComparisonDocument,
    )
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

_ALL = "all parameters"
_COOLDOWN_VALUES = {"cooldown-start:": "first values", "cooldown:": "last values"}
"""Descriptions of points in time by their kind."""
_COLUMNS = (
    Column("target", "Target", link="href"),
    Column("parameter", "Parameter", link="history", help="Opens the history"),
    Column("before", "Before", link="result_before", help="Opens the result"),
    Column("after", "After", link="result_after", help="Opens the result"),
    Column("change", "Change", help="Difference in combined errors"),
    Column("effect", "Effect", help="Better or worse, by the direction of the metric"),
    Column("shared", "Shared by", help="Resource on which other targets moved in the same direction"),
)


def draw_comparison(view: View, found: PointComparisonDocument, *, everything: bool) -> None:
    """Draw the states, sentences about their differences, the map and the table: of every difference, or only of values that moved."""
    st.html(f"<p>Chip {_describe_state(view, found.before)} → chip {_describe_state(view, found.after)}</p>")
    definitions = view.ask(metric_definitions)
    _draw_sentences(view, found, definitions)
    listed = found.values if everything else found.moved
    if not listed:
        return
    shown = _choose_parameter(view, listed, definitions)
    figure = make_difference_map(
        make_layout(view.ask(chip_topology, found.after.chip_id)),
        [one for one in found.values if shown in (_ALL, one.parameter)],
        [one for one in found.shared if shown in (_ALL, one.parameter)],
        definitions.get_title,
    )
    label = f"Map of the differences of chip {found.after.chip_id}; the table has the same data"
    show_figure(figure, key="compare.map", label=label)
    st.caption(f"{LEGEND} The table has the same data.")
    rows = [_make_row(view, found.after.chip_id, one, definitions) for one in listed]
    table(view, _COLUMNS, rows, key="compare.values", label="Differences", shown=50)


def _draw_sentences(
    view: View, found: PointComparisonDocument, definitions: MetricDefinitionsDocument
) -> None:
    """Draw the shared changes, the sentences about what differs and the numbers of values."""
    sentences = found.list_sentences()
    if not found.values and not sentences:
        if found.unchanged:
            show_empty(f"No difference: {format_count(found.unchanged, 'equal value')}.")
        else:
            show_empty(
                "No value at either time.",
                "Choose another time, or calibrate the chip." if view.edits else "Choose another time.",
            )
        return
    shared = [
        f"**{escape_markdown(text)}**: {escape_markdown(targets)}"
        for text, targets in found.list_shared_changes(definitions.get_title)
    ]
    sentences = [*shared, *map(escape_markdown, sentences)]
    if sentences:
        st.markdown("\n".join(f"- {one}" for one in sentences))
    st.markdown(escape_markdown(capitalise(f"{found.describe_counts()}.")))


def _describe_state(view: View, state: ComparedStateDocument) -> str:
    """Return the chip and the point in time as HTML."""
    time = "not ended" if state.at is None else view.time(state.at)
    name = "" if state.name.startswith("chip:") else escape(state.name)
    if not name:
        return f"{format_object(view, 'chip', state.chip_id)} at {time}"
    for kind, values in _COOLDOWN_VALUES.items():
        if name.startswith(kind):
            cooldown_id = name.removeprefix(kind)
            return (
                f"{format_object(view, 'chip', state.chip_id)}, {values} of cool-down {cooldown_id} ({time})"
            )
    when = "now" if name == "now" else f"at {name.replace('release:', 'release ', 1)}"
    return f"{format_object(view, 'chip', state.chip_id)} {when} ({time})"


def _choose_parameter(
    view: View, changes: Sequence[ComparedValueDocument], definitions: MetricDefinitionsDocument
) -> str:
    """Draw the choice of the parameter on the map, by default a main metric that differs on most targets, and return it."""
    main = [*definitions.qubit_table, *definitions.coupling_table]
    names = [name for name, _ in Counter(one.parameter for one in changes).most_common()]
    names.sort(key=lambda name: name not in main)
    return draw_choice(
        view,
        "parameter",
        "Parameter on the map",
        [*names, _ALL],
        format_option=definitions.get_title,
        width=280,
    )


def _make_row(
    view: View, chip_id: str, one: ComparedValueDocument, definitions: MetricDefinitionsDocument
) -> dict[str, Any]:
    row = {
        "target": one.target,
        "href": make_target_url(view, chip_id, one.target),
        "parameter": definitions.get_title(one.parameter),
        "history": make_target_url(view, chip_id, one.target, metric=one.parameter),
        "before": _format_value(one.parameter, one.before, definitions),
        "after": _format_value(one.parameter, one.after, definitions),
        "change": f"{_get_sign(one)}{one.describe_difference()}",
        "effect": one.effect,
        "shared": one.shared,
    }
    for name, value in (("before", one.before), ("after", one.after)):
        if value is not None and (task_id := value.get("task_id")):
            row[f"result_{name}"] = view.link("result", result=task_id)
    return row


def _format_value(parameter: str, value: ValueDocument | None, definitions: MetricDefinitionsDocument) -> str:
    """Return a value in the unit of its metric as text, or `none`."""
    if value is None:
        return "none"
    scale = get_scale(parameter, definitions.find_metric(parameter), value.get("unit", ""))
    return format_value(*scale.shown(value["value"], value.get("error")))


def _get_sign(one: ComparedValueDocument) -> str:
    """Return the sign of a value that moved, as on the map."""
    return (
        ("▲\N{NO-BREAK SPACE}" if (one.difference or 0.0) > 0 else "▼\N{NO-BREAK SPACE}") if one.moved else ""
    )
