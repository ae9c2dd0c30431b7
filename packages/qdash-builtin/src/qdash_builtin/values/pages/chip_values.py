"""Values view of a chip: all values in use, or those with a mark, out of specification or missing, and flagged results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages.targets import COUPLING, QUBIT
from qdash_builtin.metrics.operations.metrics import chip_values, metric_definitions
from qdash_builtin.metrics.pages.marks import HELP, WORDS, make_mark_cell
from qdash_builtin.metrics.pages.specification import (
    OUTSIDE,
    format_specification,
    get_measurement_time,
    get_scale,
)
from qdash_builtin.metrics.requests.values import ValuesQuery
from qdash_core.models.marks import Mark
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms.query_params import draw_select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from qdash_builtin.chips.views.chips import ChipDocument
    from qdash_builtin.metrics.views.metric_definitions import (
        MetricDefinitionDocument,
        MetricDefinitionsDocument,
    )
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_core.models.chip import MeasuredAttempt
    from qdash_ui_streamlit.view import View

MISSING, FLAGGED, OUT_OF_SPECIFICATION = "missing", "flagged", "out-of-spec"
_PARAMS = ("show", "kind", "metric")
_COLUMNS = (
    Column("target", "Target", link="target_link"),
    Column("metric", "Metric", link="history", help="Opens the history"),
    Column("shown", "Value", "quantity"),
    Column("marks", "Marks", "states", help=HELP),
    Column("reason", "Reason"),
    Column("specification", "Specification", "status"),
    Column("limit", "Limit"),
    Column("age", "Age", "seconds"),
)
_FLAGGED = (
    Column("target", "Target", link="target_link"),
    Column("task", "Task", link="result"),
    Column("text", "Reason"),
    Column("measured_at", "Measured", "time"),
    Column("execution", "Execution", "code", link="execution_link"),
)


@dataclass(frozen=True, slots=True)
class ListedValue:
    """Value of a target in the list; empty if the target has none."""

    target: str
    metric: str
    value: ValueDocument
    definition: MetricDefinitionDocument | None

    def belongs_to(self, show: str) -> bool:
        """Return whether it belongs to the list of a mark, of values out of specification, or of missing values."""
        if show == MISSING:
            return "value" not in self.value
        if show == OUT_OF_SPECIFICATION:
            return bool(self.value.get("out_of_spec"))
        return show in self.value.get("marks", [])


def render(view: View, chip_id: str) -> None:
    """Draw the lists of values and flagged results."""
    with st.container(horizontal=True):
        draw_select(view, "kind", "Targets", ("qubit", "coupling"), any_text="qubits and couplings")
        definitions = view.ask(metric_definitions, chip_id=chip_id)
        names = [*dict.fromkeys([*definitions.qubits, *definitions.couplings])]
        draw_select(view, "metric", "Metric", names, any_text="any metric")
    _draw_lists(view, chip_id, definitions)


@fragment
def _draw_lists(view: View, chip_id: str, definitions: MetricDefinitionsDocument) -> None:
    rerun_on_events("chip.values", ALL, chip_id=chip_id, at_most_every_s=5.0)
    chip = view.ask(show_chip, chip_id)
    values = view.ask(chip_values, chip_id, query=ValuesQuery())
    kind, metric, show = (view.param(name) for name in ("kind", "metric", "show"))
    listed = list_values(chip, values, definitions, kind=kind, metric=metric)
    flagged = list_flagged_results(chip, kind=kind)
    lists = count_lists(listed, flagged)
    offered = {
        name: (
            format_status_html(_STATES[name], f"{number} {_TITLES[name]}")
            if name in _STATES
            else f"{number} {_TITLES[name]}",
            view.link("chip", chip=chip_id, view="values", kind=kind, metric=metric, show=name or None),
        )
        for name, number in lists.items()
        if number or name in ("", show)
    }
    draw_view_links(show if show in lists else "", offered, label="Lists of values")
    if show == FLAGGED:
        rows = [_make_flagged_row(view, chip_id, target, one) for target, one in flagged]
        table(
            view, _FLAGGED, rows, key="values.flagged", label="Flagged results", empty="No flagged results."
        )
        return
    shown = (
        [one for one in listed if one.belongs_to(show)]
        if show in lists and show
        else [one for one in listed if "value" in one.value]
    )
    now = view.now()
    rows = [_make_row(view, chip_id, one, now=now) for one in shown]
    table(view, _COLUMNS, rows, key="values.table", label="Values", empty="No values match the filters.")
    if set_aside := sum(one.status.set_aside for one in _iter_targets(chip)):
        st.caption(f"The values of {set_aside} excluded or dead targets are left out.")


def list_values(
    chip: ChipDocument,
    values: ChipValuesDocument,
    definitions: MetricDefinitionsDocument,
    *,
    kind: str | None = None,
    metric: str | None = None,
) -> list[ListedValue]:
    """Return the values of a chip in the order of its targets, without those of excluded and dead targets.

    Parameters
    ----------
    chip, values, definitions
        The chip, its values in use, and the definitions of metrics.
    kind, metric : str or None
        Only qubits or couplings; only one metric, then with an empty value for each target that has none. None for all.
    """
    found = []
    for one in (QUBIT, COUPLING):
        if kind not in (None, one.word):
            continue
        known = one.metrics(definitions)
        for target, state in one.targets_of(chip).items():
            if state.status.set_aside:
                continue
            had = one.values(values, target)
            names = [metric] if metric in known or metric in had else [] if metric else [*had]
            found += [ListedValue(target, name, had.get(name, {}), known.get(name)) for name in names if name]
    return found


def list_flagged_results(chip: ChipDocument, *, kind: str | None = None) -> list[tuple[str, MeasuredAttempt]]:
    """Return the flagged results that await a decision, with their targets, without those of excluded and dead targets."""
    return [
        (target, attempt)
        for one in (QUBIT, COUPLING)
        if kind in (None, one.word)
        for target, state in one.targets_of(chip).items()
        if not state.status.set_aside
        for attempt in state.flagged or []
    ]


_TITLES: dict[str, str] = {
    "": "values",
    FLAGGED: "flagged results",
    **WORDS,
    OUT_OF_SPECIFICATION: "out of specification",
    MISSING: "without a value",
}
_STATES = {FLAGGED: FLAGGED, **{str(mark): str(mark) for mark in Mark}, OUT_OF_SPECIFICATION: OUTSIDE}


def count_lists(listed: Sequence[ListedValue], flagged: Sequence[object]) -> dict[str, int]:
    """Return the number of entries of each list by its name in the URL; the list of all values has an empty name."""
    return {
        str(name): len(flagged)
        if name == FLAGGED
        else sum(one.belongs_to(str(name)) if name else "value" in one.value for one in listed)
        for name in _TITLES
    }


def _iter_targets(chip: ChipDocument) -> Iterable[Any]:
    return [*chip.qubits.values(), *chip.couplings.values()]


def _make_row(view: View, chip_id: str, one: ListedValue, *, now: datetime) -> dict[str, Any]:
    scale = get_scale(one.metric, one.definition, one.value.get("unit", ""))
    measured = get_measurement_time(one.value)
    return {
        "target": one.target,
        "target_link": make_target_url(view, chip_id, one.target),
        "metric": scale.title,
        "history": make_target_url(view, chip_id, one.target, metric=one.metric),
        "shown": scale.shown(one.value["value"], one.value.get("error")) if "value" in one.value else None,
        "marks": make_mark_cell(view, one.value),
        "reason": use_unit_symbols("; ".join(mark.reason for mark in one.value.get("mark_reasons", []))),
        "specification": OUTSIDE if one.value.get("out_of_spec") else None,
        "limit": format_specification(one.definition, one.value.get("value"), one.value.get("error")),
        "age": None if measured is None else (now - measured).total_seconds(),
    }


def _make_flagged_row(view: View, chip_id: str, target: str, one: MeasuredAttempt) -> dict[str, Any]:
    return {
        "target": target,
        "target_link": make_target_url(view, chip_id, target),
        "task": one.task,
        "result": view.link("result", result=one.task_id),
        "text": use_unit_symbols(one.text),
        "measured_at": one.measured_at,
        "execution": one.execution_id,
        "execution_link": view.link("execution", execution=one.execution_id),
    }
