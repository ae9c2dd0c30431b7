"""Table of the qubits or couplings of a chip: a row for each, with its status and its values by metric."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages.targets import COUPLING, QUBIT
from qdash_builtin.issues.operations import open_issues_of_chip
from qdash_builtin.metrics.operations.metrics import chip_values, metric_definitions
from qdash_builtin.metrics.pages.marks import WORDS, make_mark_cell
from qdash_builtin.metrics.pages.specification import OUTSIDE, WITHIN, get_measurement_time, get_scale
from qdash_builtin.metrics.requests.values import ValuesQuery
from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, ColumnChoice, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.quantities import format_unit, use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status, format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_select, draw_toggle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.chips.pages.targets import TargetKind
    from qdash_builtin.chips.views.chips import ChipDocument, CouplingState, QubitState
    from qdash_builtin.issues.views import OpenIssuesDocument
    from qdash_builtin.metrics.views.metric_definitions import (
        MetricDefinitionDocument,
        MetricDefinitionsDocument,
    )
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

    Values = Mapping[str, Mapping[str, ValueDocument]]
    Row = dict[str, Any]

MISSING, FLAGGED, OUT_OF_SPECIFICATION = "missing", "flagged", "out-of-spec"
_KINDS = {"qubit": "Qubits", "coupling": "Couplings"}
_TITLES: dict[str, str] = {
    FLAGGED: "flagged",
    **WORDS,
    OUT_OF_SPECIFICATION: "out of specification",
    MISSING: "missing",
}
"""Titles of the lists of targets, by their names in the URL."""
_STATES = {
    FLAGGED: FLAGGED,
    **{str(mark): str(mark) for mark in Mark},
    OUT_OF_SPECIFICATION: OUTSIDE,
    MISSING: "unknown",
}
_MOST_ROWS = 500


@dataclass(frozen=True)
class TableData:
    """Targets of one kind of a chip, their values and open issues."""

    kind: TargetKind
    chip: ChipDocument
    definitions: MetricDefinitionsDocument
    values: ChipValuesDocument
    issues: OpenIssuesDocument

    @cached_property
    def lists(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """Metrics of each list by target, see `find_lists`."""
        return find_lists(self)

    @property
    def targets(self) -> Mapping[str, QubitState | CouplingState]:
        """The targets by id, in the order of the chip."""
        return self.kind.targets_of(self.chip)

    @property
    def metrics(self) -> Mapping[str, MetricDefinitionDocument]:
        """Definitions of the metrics, by name."""
        return self.definitions.get_metrics(self.kind.word)

    def get_values(self, target: str) -> Mapping[str, ValueDocument]:
        """Return the values of a target by metric."""
        return self.kind.values(self.values, target)

    def list_metrics(self) -> list[str]:
        """Return the main metrics, then the others with a definition, then those with a value only."""
        valued = (name for target in self.targets for name in self.get_values(target))
        return [
            *dict.fromkeys([*self.definitions.list_default_columns(self.kind.word), *self.metrics, *valued])
        ]


@fragment
def draw_chip_table(view: View, chip_id: str, kind: TargetKind | None = None) -> None:
    """Draw the table, and redraw it when something on the chip changes. Four concurrent requests.

    If `kind` is None, it is that in the URL, which the user can switch.
    """
    rerun_on_events("chip.table", ALL, chip_id=chip_id, at_most_every_s=5.0)
    of_kinds = _load_tables(view, chip_id)
    show = view.param("show") or ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        word = kind.word if kind is not None else _draw_kind(view, of_kinds, show)
        status = draw_select(
            view,
            "status",
            "Status",
            [str(one) for one in TargetStatus],
            any_text="any status",
            format_option=format_status,
        )
        with_issues = draw_toggle(view, "issues", "With open issues")
    data = of_kinds[word]
    _draw_list_links(view, data, show, of_chip=kind is None)
    listed = data.lists.get(show)
    metric = view.param("metric") or ""
    if listed is not None and metric in data.metrics:
        listed = {target: [metric] for target, names in listed.items() if metric in names}
        st.caption(f"Only {data.metrics[metric].title}: {len(listed)}.")
    rows = make_rows(view, data, only=listed, status=status, with_issues=with_issues)
    choice = _make_choice(view, data, list_metrics_of(data, listed or {}))
    table(
        view,
        make_columns(data, rows),
        rows,
        key=f"chip.table.{word}",
        label=_KINDS[word],
        empty=f"No {word}s match the filters.",
        shown=_MOST_ROWS,
        opens="link",
        choice=choice,
        file=f"{chip_id}-{word}s.csv",
        in_url=True,
    )
    if set_aside := sum(one.status.set_aside for one in data.targets.values()):
        st.caption(f"Not counted in the lists: {format_count(set_aside, f'excluded or dead {word}')}.")


def _load_tables(view: View, chip_id: str) -> dict[str, TableData]:
    """Return the data of the qubits and of the couplings, by the name of the kind."""
    with ThreadPoolExecutor(4) as pool:
        chip = pool.submit(view.ask, show_chip, chip_id)
        definitions = pool.submit(view.ask, metric_definitions, chip_id=chip_id)
        values = pool.submit(view.ask, chip_values, chip_id, query=ValuesQuery())
        issues = pool.submit(view.ask, open_issues_of_chip, chip_id)
        loaded = chip.result(), definitions.result(), values.result(), issues.result()
    return {kind.word: TableData(kind, *loaded) for kind in (QUBIT, COUPLING)}


def _draw_kind(view: View, of_kinds: Mapping[str, TableData], show: str) -> str:
    """Draw the switch between qubits and couplings; without one in the URL, a list of couplings alone shows them."""
    order = sorted(of_kinds, key=lambda word: bool(show) and not of_kinds[word].lists.get(show))
    return draw_choice(
        view,
        "kind",
        "Targets",
        order,
        format_option=_KINDS.__getitem__,
        clears=("columns", "metric", "show", "status", "sort", "words"),
        width=145,
    )


def find_lists(data: TableData) -> dict[str, dict[str, list[str]]]:
    """Return the metrics of each list by target, without excluded and dead targets: of flagged results, of each mark, and so on.

    A target with a flagged result is listed with the task of each. Values that are missing are those of the main metrics.
    """
    found: dict[str, dict[str, list[str]]] = {name: {} for name in _TITLES}
    usual = data.definitions.list_default_columns(data.kind.word)
    for target, state in data.targets.items():
        if state.status.set_aside:
            continue
        values = data.get_values(target)
        entries = [(FLAGGED, one.task) for one in state.flagged or []]
        entries += [(str(mark), name) for name, value in values.items() for mark in value.get("marks", [])]
        entries += [
            (OUT_OF_SPECIFICATION, name) for name, value in values.items() if value.get("out_of_spec")
        ]
        entries += [(MISSING, name) for name in usual if "value" not in values.get(name, {})]
        for listed, name in entries:
            found[listed].setdefault(target, []).append(name)
    return found


def list_metrics_of(data: TableData, listed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the metrics of a list, in the order of the table."""
    named = {name for names in listed.values() for name in names}
    return [name for name in data.list_metrics() if name in named]


def _draw_list_links(
    view: View,
    data: TableData,
    show: str,
    *,
    of_chip: bool,
) -> None:
    """Draw a link to all targets, and one with the number of its entries to each list that is not empty."""
    word, chip_id = data.kind.word, data.chip.chip_id
    link = (
        partial(view.link, "chip", chip=chip_id, view="values", kind=word)
        if of_chip
        else partial(view.link, word, chip=chip_id)
    )
    numbers = {name: sum(map(len, data.lists[name].values())) for name in _TITLES}
    offered = {"": (f"{len(data.targets)} {word}s", link())}
    offered |= {
        name: (format_status_html(_STATES[name], _describe_number(name, number)), link(show=name))
        for name, number in numbers.items()
        if number or name == show
    }
    draw_view_links(show if show in offered else "", offered, label=f"Lists of {word}s")


def _describe_number(name: str, number: int) -> str:
    if name == FLAGGED:
        return format_count(number, "flagged result")
    return f"{_TITLES[name]}: {format_count(number, 'value')}"


def _make_choice(view: View, data: TableData, listed: Sequence[str]) -> ColumnChoice:
    """Return the choice of the metrics: in the URL, or else the metric in the URL, or those of the list that is shown."""
    offered = data.list_metrics()
    columns, metric = view.param("columns"), view.param("metric")
    named = columns.split(",") if columns else [metric] if metric else listed
    chosen = [one for one in offered if one in named]
    usual = [
        one for one in data.definitions.list_default_columns(data.kind.word) if one in offered
    ] or offered
    return ColumnChoice(
        offered,
        usual,
        chosen or None,
        f"qdash.columns.{view.me.user.username}.{view.project_id}.{data.kind.word}",
        lambda names: view.set_params(columns=",".join(names) or None),
    )


def make_columns(data: TableData, rows: Iterable[Row]) -> list[Column]:
    """Return the columns: the target, its status and fitness, the metrics, and its flagged results and issues if there are any."""
    listed = [*rows]
    optional = (
        Column("flagged_results", "Flagged results", "states", help="Flagged results that await a decision"),
        Column("open_issues", "Open issues", "states", help="Each opens the issue"),
    )
    return [
        Column("target", data.kind.word.capitalize(), link="link"),
        Column("target_status", "Status", "states", help="Opens the result that decided it"),
        Column("target_fitness", "Fitness", "states", help="Whether it may be used"),
        *(_make_metric_column(data, name) for name in data.list_metrics()),
        *(one for one in optional if any(row[one.name] for row in listed)),
    ]


def _make_metric_column(data: TableData, name: str) -> Column:
    metric = data.metrics.get(name)
    scale = get_scale(name, metric)
    unit = f" ({format_unit(scale.unit)})" if scale.unit else ""
    limit = use_unit_symbols((metric.specification if metric else None) or "")
    return Column(name, f"{scale.title}{unit}", "judged", link=urlencode({"metric": name}), help=limit)


def make_rows(
    view: View,
    data: TableData,
    *,
    only: Mapping[str, object] | None = None,
    status: str | None = None,
    with_issues: bool = False,
) -> list[Row]:
    """Return a row for each target, or for those of a list, with a status or with open issues."""
    names = data.list_metrics()
    return [
        _make_row(view, data, names, target, state)
        for target, state in data.targets.items()
        if (only is None or target in only)
        and status in (None, state.status)
        and (data.issues.by_target.get(target) or not with_issues)
    ]


def _make_row(
    view: View, data: TableData, names: Sequence[str], target: str, state: QubitState | CouplingState
) -> Row:
    values = data.get_values(target)
    reason = state.status_reason
    return {
        "target": target,
        "link": make_target_url(view, data.chip.chip_id, target),
        "target_status": [
            {
                "state": str(state.status),
                "text": str(state.status),
                "title": reason and use_unit_symbols(reason.text),
                "href": reason and reason.task_id and view.link("result", result=reason.task_id),
            }
        ],
        "target_fitness": _make_fitness_cell(state),
        **{name: _make_value_cell(view, data, name, values[name]) for name in names if name in values},
        "flagged_results": [
            {
                "state": "flagged",
                "text": attempt.task,
                "title": use_unit_symbols(attempt.text),
                "href": view.link("result", result=attempt.task_id),
            }
            for attempt in state.flagged or []
        ],
        "open_issues": _make_issue_cell(view, data.issues, target),
    }


def _make_fitness_cell(state: QubitState | CouplingState) -> list[dict[str, Any]]:
    if state.fitness is None:
        return []
    reasons = use_unit_symbols("; ".join(state.fitness_reasons or ()))
    return [{"state": str(state.fitness), "text": str(state.fitness), "title": reasons, "href": None}]


def _make_value_cell(view: View, data: TableData, name: str, value: ValueDocument) -> list[Any] | None:
    """Return a value as a table cell of kind `judged`, or None if there is none."""
    if "value" not in value:
        return None
    metric = data.metrics.get(name)
    number, error, _ = get_scale(name, metric).shown(value["value"], value.get("error"))
    is_specified = metric is not None and bool(metric.specification)
    state = OUTSIDE if value.get("out_of_spec") else WITHIN if is_specified else None
    measured = get_measurement_time(value)
    return [number, error, state, make_mark_cell(view, value), measured and measured.isoformat()]


def _make_issue_cell(view: View, issues: OpenIssuesDocument, target: str) -> list[dict[str, Any]]:
    by_id = {one.issue_id: one for one in issues.issues}
    return [
        {
            "state": str(by_id[issue_id].state),
            "text": f"#{issue_id}",
            "title": by_id[issue_id].title,
            "href": view.link("issue", issue=issue_id),
        }
        for issue_id in issues.by_target.get(target, [])
    ]
