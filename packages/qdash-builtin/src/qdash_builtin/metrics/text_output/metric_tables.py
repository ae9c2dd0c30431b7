"""Tables of the values of a chip: targets by metrics with marks, or a summary of each metric."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from qdash_builtin.metrics.text_output.fitness import describe_fitness
from qdash_builtin.metrics.text_output.marks import (
    MARK_LEGEND,
    format_mark_counts,
    format_marks,
    get_severity,
    print_marked,
)
from qdash_cli.rendering.output import (
    format_count,
    format_reasons,
    format_value,
    print_message,
    print_table,
)
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_cli.rendering.wrapping import get_line_width
from qdash_core.models.base import read_moment
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.marks import Mark, count_marks
from qdash_core.models.quantities import format_quantity, use_minus_sign, use_unit_symbols
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.selection import Selection
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.metrics.views.metric_summaries import MetricSummaryDocument
    from qdash_builtin.metrics.views.value_tables import ValueTableDocument
    from qdash_builtin.values.views.shown_values import FailureDocument, ValueDocument
    from qdash_core.models.targets import TargetKind

_OUT_OF_SPECIFICATION = "! out of specification"
_FLAGGED = "? flagged, not used"
_FAILED = f"{Mark.LAST_FAILED.sign} its newest measurement failed"
_SIMULATED = "^ simulated"
_DEFECT = f"{Mark.LAST_FAILED.sign} at a target: it is failed or dead"
_LEGEND = (_OUT_OF_SPECIFICATION, _FLAGGED, *MARK_LEGEND.values(), _FAILED, _DEFECT, _SIMULATED)
"""Entries of the legend, each beginning with its sign."""
_GAP = 2
_MAX_TARGETS, _MAX_REASONS = 12, 20
"""Maximum number of named targets without values, and of explained values that are not used."""


def show_values(table: ValueTableDocument, selection: Selection) -> None:
    """Print tables of qubits and of couplings by metrics, split into blocks if the terminal is too narrow.

    Parameters
    ----------
    selection : Selection
        The requested selection. If it names no metrics and filters no values, the metrics of `table` in the
        metrics file and those with flagged values are shown; otherwise all metrics with values.
    """
    legend: set[str] = set()
    limits: dict[str, str] = {}
    misses: list[str] = []
    shown = False
    for kind, targets in table.iter_kinds():
        sheet = _MetricTable(kind, table, targets, legend, limits, misses)
        names = _select_columns(sheet, selection)
        if not names:
            continue
        if shown:
            print_message()
        sheet.show(names, summed=not selection.leaves_out)
        shown = True
    if not shown:
        print_message("the chip has further values: select them with --metric, or use --long")
    _print_fitness(table)
    if legend:
        print_message("\n" + ", ".join(one for one in _LEGEND if one in legend))
    if limits:
        print_message(f"in specification: {', '.join(f'{title} {limit}' for title, limit in limits.items())}")
    _print_defects(table, shown_only=selection.leaves_out)
    _print_reasons(table, misses, with_marks=bool(selection.marks))
    if not selection.marks:
        marks = (value.get("mark_reasons", ()) for _, _, value in _iter_values(table))
        print_marked(table.chip_id, count_marks(marks), of="marked")


def show_each_value(table: ValueTableDocument, zone: ZoneInfo) -> None:
    """Print each value in a row of its own, as stored, with its age, origin and marks."""
    times = (read_moment(value["calibrated_at"]) for _, _, value in _iter_values(table))
    calibrated = format_time_header("calibrated", zone, times)
    print_table(
        ("target", "parameter", "value", "n", calibrated, "execution", "marks", "not used"),
        (_make_value_row(target, name, value, zone) for target, name, value in _iter_values(table)),
        fold=("marks", "not used"),
    )
    _print_fitness(table)
    _print_defects(table, shown_only=True)
    for reason in _list_failure_messages(table):
        print_message(reason)


def show_summaries(table: ValueTableDocument) -> None:
    """Print the summary of each metric, the fitness of the targets, and the number of values with each mark."""
    print_table(
        ("metric", "unit", "n", "missing", "yield", "median", "best", "marked"),
        (
            _make_summary_row(name, one, table.definitions.get_metrics(kind).get(name))
            for kind, own in table.summaries.items()
            for name, one in own.items()
        ),
    )
    every = [one.marks for own in table.summaries.values() for one in own.values()]
    counts = {mark: number for mark in Mark if (number := sum(some.get(mark, 0) for some in every))}
    _print_fitness(table)
    print_marked(table.chip_id, counts, of="\nmarked")


@dataclass(frozen=True, slots=True)
class _MetricTable:
    """Table of the targets of one kind by metrics; collects legend, limits and narrow misses of them."""

    kind: TargetKind
    table: ValueTableDocument
    values: Mapping[str, Mapping[str, ValueDocument]]
    legend: set[str]
    limits: dict[str, str]
    misses: list[str]

    @property
    def definitions(self) -> Mapping[str, MetricDefinitionDocument]:
        return self.table.definitions.get_metrics(self.kind)

    @property
    def metrics(self) -> list[str]:
        """The metrics with a value or a failure, in the order of the file, unknown ones last."""
        found = {name for had in self.values.values() for name in had}
        places = {name: place for place, name in enumerate(self.definitions)}
        return sorted(found, key=lambda name: (places.get(name, len(places)), name))

    @property
    def flagged(self) -> list[str]:
        """The metrics with a value that is not used."""
        held = [name for had in self.values.values() for name, one in had.items() if not _is_used(one)]
        return list(dict.fromkeys(held))

    def show(self, names: Sequence[str], *, summed: bool) -> None:
        rows = sorted(
            (target for target, had in self.values.items() if any(name in had for name in names)),
            key=by_number,
        )
        columns = [self._column(name, rows, summed=summed) for name in names]
        first = ["", *map(self._label, rows), *(["", "median", "yield", "missing"] if summed else [])]
        first[0] = self.kind
        width = get_line_width(sys.stdout)
        for number, block in enumerate(_split_columns(columns, len(max(first, key=len)), width)):
            if number:
                print_message()
            heads = _align_headers([self.kind, *(column[0] for column in block)])
            cells = zip(first[1:], *(column[1:] for column in block), strict=True)
            print_table(heads, [row for row in cells if summed is False or any(row[1:]) or row[0] == ""])
        empty = [target for target in self.table.get_targets(self.kind) if target not in rows]
        if empty and summed:
            few = ", ".join(empty[:_MAX_TARGETS])
            print_message(
                f"without these values: {few}"
                if len(empty) <= _MAX_TARGETS
                else f"without these values: {format_count(len(empty), self.kind)}, {few}, ..."
            )

    def _label(self, target: str) -> str:
        """Return a target with a sign if it is failed or dead."""
        if target not in self.table.defects:
            return target
        self.legend.add(_DEFECT)
        return target + _DEFECT[0]

    def _column(self, name: str, rows: Sequence[str], *, summed: bool) -> list[str]:
        """Return head, cells and, below a gap, median, yield and number of missing values."""
        metric = self.definitions.get(name)
        cells = [self._cell(row, name, metric, self.values[row].get(name)) for row in rows]
        foot = ["", *self._make_foot(name, metric)] if summed else []
        return [_make_column_header(name, metric, cells), *cells, *foot]

    def _cell(
        self, target: str, name: str, metric: MetricDefinitionDocument | None, one: ValueDocument | None
    ) -> str:
        if one is None:
            return ""
        signs = []
        if "value" in one:
            if metric is not None and one.get("out_of_spec"):
                signs.append(_OUT_OF_SPECIFICATION)
                self.limits[metric.title] = use_unit_symbols(metric.specification or "")
                if miss := self.table.misses.get(target, {}).get(name):
                    self.misses.append(f"{target} {metric.title}: {use_unit_symbols(miss)}")
            signs += [] if _is_used(one) else [_FLAGGED]
            signs += [MARK_LEGEND[mark] for mark in _list_marks(one, metric, self.table.at)]
        if "failed" in one and MARK_LEGEND[Mark.LAST_FAILED] not in signs:
            signs.append(_FAILED)
        if one.get("simulated"):
            signs.append(_SIMULATED)
        self.legend.update(signs)
        return _format_value(one, metric) + "".join(sign[0] for sign in signs)

    def _make_foot(self, name: str, metric: MetricDefinitionDocument | None) -> list[str]:
        one = self.table.summaries.get(self.kind, {}).get(name)
        if one is None:
            targets = len(self.table.get_targets(self.kind))
            is_limited = metric is not None and metric.specification
            return ["", f"0 of {targets}" if is_limited else "", str(targets or "")]
        return [_format_number(one.median, metric), _format_yield(one), str(one.missing or "")]


def _iter_values(table: ValueTableDocument) -> Iterator[tuple[str, str, ValueDocument]]:
    """Yield target, name and value of each value."""
    for _, targets in table.iter_kinds():
        for target, known in targets.items():
            for name, one in known.items():
                if "value" in one:
                    yield target, name, one


def _is_used(value: ValueDocument) -> bool:
    return value.get("verdict", Verdict.ACCEPTED) == Verdict.ACCEPTED


def _list_marks(value: ValueDocument, metric: MetricDefinitionDocument | None, now: datetime) -> list[Mark]:
    """Return the marks of a value; one that is not in use has none, but may be older than the age limit."""
    marks = [*value.get("marks", ())]
    if Mark.TOO_OLD not in marks and metric is not None:
        marks = [Mark.TOO_OLD] * metric.is_stale(read_moment(value["calibrated_at"]), now=now) + marks
    return marks


def _list_mark_reasons(table: ValueTableDocument) -> list[str]:
    """Return the reasons of the marks of each target, the most severe ones first."""
    ranked: list[tuple[int, str]] = []
    for _, targets in table.iter_kinds():
        for target, known in targets.items():
            alike: dict[str, list[str]] = {}
            severities: dict[str, int] = {}
            for name, value in known.items():
                if marks := value.get("mark_reasons"):
                    text = format_marks(marks)
                    alike.setdefault(text, []).append(name)
                    severities[text] = min(get_severity(one.mark) for one in marks)
            ranked += [
                (severities[text], f"{target} {', '.join(names)}: {text}") for text, names in alike.items()
            ]
    return [text for _, text in sorted(ranked, key=lambda one: one[0])]


def _print_fitness(table: ValueTableDocument) -> None:
    if fitness := describe_fitness(table.fitness):
        print_message(f"\n{fitness}")


def _print_defects(table: ValueTableDocument, *, shown_only: bool) -> None:
    """Print the reason of each failed and dead target, or of those with a shown value only."""
    shown = {*table.values.qubits, *table.values.couplings}
    lines = [
        f"{target} {use_unit_symbols(why)}"
        for target, why in table.defects.items()
        if target in shown or not shown_only
    ]
    more = len(lines) - _MAX_REASONS
    lines = [*lines[:_MAX_REASONS], *([f"and {more} more"] if more > 0 else [])]
    if lines:
        print_message("\n".join(lines) + f"; `qdash chip show {table.chip_id}`")


def _print_reasons(table: ValueTableDocument, misses: Sequence[str], *, with_marks: bool) -> None:
    """Print the narrow misses of limits, the reasons of unused values and of marks, and the failures."""
    reasons = [*misses]
    if with_marks:
        reasons += _list_mark_reasons(table)
    reasons += [
        f"{target} {name}: {format_reasons(one['reasons'])}"
        for target, name, one in _iter_values(table)
        if not _is_used(one)
    ]
    reasons += _list_failure_messages(table)
    for reason in reasons[:_MAX_REASONS]:
        print_message(reason)
    if len(reasons) > _MAX_REASONS:
        print_message(f"and {len(reasons) - _MAX_REASONS} more: see all with --long or --json")


def _list_failure_messages(table: ValueTableDocument) -> list[str]:
    """Return a line for each failed result of a target, with the metrics that it did not yield."""
    found: dict[tuple[str, FailureDocument], list[str]] = {}
    for _, targets in table.iter_kinds():
        for target, known in targets.items():
            for name, one in known.items():
                if "failed" in one:
                    found.setdefault((target, one["failed"]), []).append(name)
    return [
        f"{target} {', '.join(names)}: {failure.task} failed, result {failure.task_id}"
        for (target, failure), names in found.items()
    ]


def _select_columns(sheet: _MetricTable, selection: Selection) -> list[str]:
    there = sheet.metrics
    if sheet.table.metrics:
        return [name for name in sheet.table.metrics if name in there]
    usual = [name for name in sheet.table.definitions.list_default_columns(sheet.kind) if name in there]
    if selection.leaves_out or not usual:
        return there
    return [*usual, *(name for name in sheet.flagged if name not in usual)]


def _format_value(value: ValueDocument, metric: MetricDefinitionDocument | None) -> str:
    if "value" not in value:
        return ""
    scale, error = 1.0 if metric is None else metric.scale, value.get("error")
    return format_quantity(value["value"] * scale, None if error is None else error * scale, "")


def _format_number(value: float | None, metric: MetricDefinitionDocument | None) -> str:
    return "" if value is None else use_minus_sign(f"{value * (1.0 if metric is None else metric.scale):.5g}")


def _format_yield(one: MetricSummaryDocument) -> str:
    return "" if one.within is None else f"{one.within} of {one.targets}"


def _make_column_header(name: str, metric: MetricDefinitionDocument | None, cells: Iterable[str]) -> str:
    """Return the header of a column, no wider than its cells: the title, and the unit below it."""
    if metric is None:
        return name
    words = wrap(metric.title, max(len(cell) for cell in (*cells, metric.unit, *metric.title.split())))
    return "\n".join([*words, unit_symbol(metric.unit)])


def _align_headers(heads: Sequence[str]) -> list[str]:
    """Return the headers padded to one height, so that units are in one line."""
    height = max(head.count("\n") for head in heads)
    return ["\n" * (height - head.count("\n")) + head for head in heads]


def _split_columns(columns: Sequence[list[str]], first: int, width: int | None) -> Iterator[list[list[str]]]:
    """Yield groups of columns that fit beside the target names; at least one column each."""
    block: list[list[str]] = []
    used = first
    for column in columns:
        needed = _GAP + max(len(line) for cell in column for line in cell.split("\n"))
        if block and width is not None and used + needed > width:
            yield block
            block, used = [], first
        block.append(column)
        used += needed
    if block:
        yield block


def _make_value_row(target: str, name: str, one: ValueDocument, zone: ZoneInfo) -> tuple[object, ...]:
    control, condition = one.get("control"), one.get("condition")
    return (
        target if control is None else f"{target} ({control} controls)",
        f"{name} ({condition})" if condition else name,
        format_value(one),
        one.get("n"),
        format_short_time(read_moment(one["calibrated_at"]), zone),
        f"{one.get('execution_id', '')}{', simulated' if one.get('simulated') else ''}",
        format_marks(one.get("mark_reasons", ())),
        "" if _is_used(one) else f"{one['verdict']}: {format_reasons(one['reasons'])}",
    )


def _make_summary_row(
    name: str, one: MetricSummaryDocument, metric: MetricDefinitionDocument | None
) -> tuple[object, ...]:
    return (
        name,
        unit_symbol(one.unit if metric is None else metric.unit),
        one.n,
        one.missing or "",
        _format_yield(one),
        _format_number(one.median, metric),
        "" if one.best is None else f"{_format_number(one.best.value, metric)} of {one.best.target}",
        format_mark_counts(one.marks),
    )
