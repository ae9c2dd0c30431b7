"""Tables of the values of a chip: targets by metrics with marks, or a summary of each metric."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from qdash_core.cli.rendering.fitness import describe_fitness
from qdash_core.cli.rendering.marks import (
    MARK_LEGEND,
    format_mark_counts,
    format_marks,
    get_severity,
    print_marked,
)
from qdash_core.cli.rendering.output import format_count, format_reasons, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.cli.rendering.wrapping import get_line_width
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.marks import Mark, count_marks
from qdash_core.models.quantities import format_quantity, round_as_shown, use_minus_sign, use_unit_symbols
from qdash_core.models.targets import by_number
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.metrics.definitions import Metric, MetricsFile
    from qdash_core.metrics.selection import Selection
    from qdash_core.metrics.service import ChipMetrics
    from qdash_core.metrics.summary import MetricSummary
    from qdash_core.metrics.values import KnownValue, MetricFailure
    from qdash_core.models.marks import ValueMark
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


def show_values(selected: ChipMetrics, selection: Selection, file: MetricsFile) -> None:
    """Print tables of qubits and of couplings by metrics, split into blocks if the terminal is too narrow.

    Parameters
    ----------
    selected : ChipMetrics
        The values.
    selection : Selection
        The requested selection. If it names no metrics and filters no values, the metrics of `table` in the
        metrics file and those with flagged values are shown; otherwise all metrics with values.
    file : MetricsFile
        Definitions of the metrics.
    """
    legend: set[str] = set()
    limits: dict[str, str] = {}
    misses: list[str] = []
    shown = False
    for kind, targets in selected.values.iter_kinds():
        sheet = _MetricTable(kind, selected, targets, file, legend, limits, misses)
        names = _select_columns(sheet, selection)
        if not names:
            continue
        if shown:
            print_message()
        sheet.show(names, summed=not selection.leaves_out)
        shown = True
    if not shown:
        print_message("the chip has further values: select them with --metric, or use --long")
    _print_fitness(selected)
    if legend:
        print_message("\n" + ", ".join(one for one in _LEGEND if one in legend))
    if limits:
        print_message(f"in specification: {', '.join(f'{title} {limit}' for title, limit in limits.items())}")
    _print_defects(selected, shown_only=selection.leaves_out)
    _print_reasons(selected, misses, with_marks=bool(selection.marks))
    if not selection.marks:
        print_marked(
            selected.chip_id,
            count_marks(marks for known in _collect_marks(selected).values() for marks in known.values()),
            of="marked",
        )


def show_each_value(selected: ChipMetrics, zone: ZoneInfo) -> None:
    """Print each value in a row of its own, as stored, with its age, origin and marks."""
    known = (one for kind in (selected.values.qubits, selected.values.couplings) for one in kind.values())
    calibrated = format_time_header(
        "calibrated", zone, (value.parameter.calibrated_at for own in known for value in own.values())
    )
    print_table(
        ("target", "parameter", "value", "n", calibrated, "execution", "marks", "not used"),
        _make_value_rows(selected, zone),
        fold=("marks", "not used"),
    )
    _print_fitness(selected)
    _print_defects(selected, shown_only=True)
    for reason in _list_failure_messages(selected):
        print_message(reason)


def show_summaries(
    selected: ChipMetrics, summaries: Mapping[TargetKind, Sequence[MetricSummary]], file: MetricsFile
) -> None:
    """Print the summary of each metric, the fitness of the targets, and the number of values with each mark."""
    print_table(
        ("metric", "unit", "n", "missing", "yield", "median", "best", "marked"),
        (
            _make_summary_row(one, file.get_metrics(kind).get(one.name))
            for kind, own in summaries.items()
            for one in own
        ),
    )
    every = [one.marks for own in summaries.values() for one in own]
    counts = {mark: number for mark in Mark if (number := sum(some.get(mark, 0) for some in every))}
    _print_fitness(selected)
    print_marked(selected.chip_id, counts, of="\nmarked")


@dataclass(frozen=True, slots=True)
class _MetricTable:
    """Table of the targets of one kind by metrics; collects legend, limits and narrow misses of them."""

    kind: TargetKind
    selected: ChipMetrics
    values: Mapping[str, Mapping[str, KnownValue]]
    file: MetricsFile
    legend: set[str]
    limits: dict[str, str]
    misses: list[str]

    @property
    def failures(self) -> dict[str, Mapping[str, MetricFailure]]:
        own = frozenset(self.selected.targets.get_targets(self.kind))
        return {target: had for target, had in self.selected.failures.items() if target in own}

    @property
    def metrics(self) -> list[str]:
        """The metrics with a value or a failure, in the order of the file, unknown ones last."""
        found = {name for had in (*self.values.values(), *self.failures.values()) for name in had}
        places = {name: place for place, name in enumerate(self.file.get_metrics(self.kind))}
        return sorted(found, key=lambda name: (places.get(name, len(places)), name))

    @property
    def flagged(self) -> list[str]:
        """The metrics with a value that is not used."""
        held = [
            name
            for had in self.values.values()
            for name, one in had.items()
            if one.verdict is not Verdict.ACCEPTED
        ]
        return list(dict.fromkeys(held))

    def show(self, names: Sequence[str], *, summed: bool) -> None:
        rows = sorted(
            (target for target in {*self.values, *self.failures} if self._has_any(target, names)),
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
        empty = [target for target in self.selected.targets.get_targets(self.kind) if target not in rows]
        if empty and summed:
            few = ", ".join(empty[:_MAX_TARGETS])
            print_message(
                f"without these values: {few}"
                if len(empty) <= _MAX_TARGETS
                else f"without these values: {format_count(len(empty), self.kind)}, {few}, ..."
            )

    def _label(self, target: str) -> str:
        """Return a target with a sign if it is failed or dead."""
        if target not in self.selected.defects:
            return target
        self.legend.add(_DEFECT)
        return target + _DEFECT[0]

    def _has_any(self, target: str, names: Sequence[str]) -> bool:
        known, failed = self.values.get(target, {}), self.failures.get(target, {})
        return any(name in known or name in failed for name in names)

    def _column(self, name: str, rows: Sequence[str], *, summed: bool) -> list[str]:
        """Return head, cells and, below a gap, median, yield and number of missing values."""
        metric = self.file.get_metrics(self.kind).get(name)
        cells = [
            self._cell(
                row,
                metric,
                self.values.get(row, {}).get(name),
                self.failures.get(row, {}).get(name),
            )
            for row in rows
        ]
        foot = ["", *self._make_foot(name, metric)] if summed else []
        return [_make_column_header(name, metric, cells), *cells, *foot]

    def _cell(
        self, target: str, metric: Metric | None, known: KnownValue | None, failure: MetricFailure | None
    ) -> str:
        signs = []
        if known is not None:
            if metric is not None and not metric.is_within(float(known.parameter.value)):
                signs.append(_OUT_OF_SPECIFICATION)
                self.limits[metric.title] = use_unit_symbols(metric.specification)
                self.misses.extend(_describe_miss(f"{target} {metric.title}", known, metric))
            signs += [] if known.verdict is Verdict.ACCEPTED else [_FLAGGED]
            signs += [MARK_LEGEND[mark] for mark in _list_marks(known, metric, self.selected.at)]
        if failure is not None and MARK_LEGEND[Mark.LAST_FAILED] not in signs:
            signs.append(_FAILED)
        if known is not None and known.parameter.simulated:
            signs.append(_SIMULATED)
        self.legend.update(signs)
        return ("" if known is None else _format_value(known, metric)) + "".join(one[0] for one in signs)

    def _make_foot(self, name: str, metric: Metric | None) -> list[str]:
        from qdash_core.metrics.summary import summarise_metric

        used = dict(self.selected.used.iter_kinds())[self.kind]
        known = {target: had[name] for target, had in used.items() if name in had}
        one = summarise_metric(
            name, metric, known, self.selected.targets.get_targets(self.kind), now=self.selected.at
        )
        return [_format_number(one.median, metric), _format_yield(one), str(one.missing or "")]


def _list_marks(known: KnownValue, metric: Metric | None, now: datetime) -> list[Mark]:
    """Return the marks of a value; one that is not in use has none, but may be older than the age limit."""
    marks = [one.mark for one in known.marks]
    if Mark.TOO_OLD not in marks and metric is not None:
        marks = [Mark.TOO_OLD] * metric.is_stale(known.parameter.calibrated_at, now=now) + marks
    return marks


def _describe_miss(place: str, known: KnownValue, metric: Metric) -> list[str]:
    """Return a line on a value that rounds to its limit but misses it."""
    value, error = float(known.parameter.value), known.parameter.error
    shown = round_as_shown(value * metric.scale, None if error is None else error * metric.scale)
    miss = metric.describe_miss(value, shown)
    return [f"{place}: {use_unit_symbols(miss)}"] if miss else []


def _collect_marks(selected: ChipMetrics) -> dict[str, dict[str, Sequence[ValueMark]]]:
    return {
        target: {name: one.marks for name, one in known.items()}
        for _, targets in selected.values.iter_kinds()
        for target, known in targets.items()
    }


def _list_mark_reasons(selected: ChipMetrics) -> list[str]:
    """Return the reasons of the marks of each target, the most severe ones first."""
    ranked: list[tuple[int, str]] = []
    for target, known in _collect_marks(selected).items():
        alike: dict[str, list[str]] = {}
        severities: dict[str, int] = {}
        for name, marks in known.items():
            if marks:
                text = format_marks(marks)
                alike.setdefault(text, []).append(name)
                severities[text] = min(get_severity(one.mark) for one in marks)
        ranked += [
            (severities[text], f"{target} {', '.join(names)}: {text}") for text, names in alike.items()
        ]
    return [text for _, text in sorted(ranked, key=lambda one: one[0])]


def _print_fitness(selected: ChipMetrics) -> None:
    if fitness := describe_fitness({qid: one.fitness for qid, one in selected.judgement.targets.items()}):
        print_message(f"\n{fitness}")


def _print_defects(selected: ChipMetrics, *, shown_only: bool) -> None:
    """Print the reason of each failed and dead target, or of those with a shown value only."""
    shown = {*selected.values.qubits, *selected.values.couplings, *selected.failures}
    lines = [
        f"{target} {use_unit_symbols(why)}"
        for target, why in selected.defects.items()
        if target in shown or not shown_only
    ]
    more = len(lines) - _MAX_REASONS
    lines = [*lines[:_MAX_REASONS], *([f"and {more} more"] if more > 0 else [])]
    if lines:
        print_message("\n".join(lines) + f"; `qdash chip show {selected.chip_id}`")


def _print_reasons(selected: ChipMetrics, misses: Sequence[str], *, with_marks: bool) -> None:
    """Print the narrow misses of limits, the reasons of unused values and of marks, and the failures."""
    reasons = [*misses]
    if with_marks:
        reasons += _list_mark_reasons(selected)
    reasons += [
        f"{target} {name}: {format_reasons(one.reasons)}"
        for _, targets in selected.values.iter_kinds()
        for target, known in targets.items()
        for name, one in known.items()
        if one.verdict is not Verdict.ACCEPTED
    ]
    reasons += _list_failure_messages(selected)
    for reason in reasons[:_MAX_REASONS]:
        print_message(reason)
    if len(reasons) > _MAX_REASONS:
        print_message(f"and {len(reasons) - _MAX_REASONS} more: see all with --long or --json")


def _list_failure_messages(selected: ChipMetrics) -> list[str]:
    return [
        f"{target} {', '.join(names)}: {failure.task} failed, result {failure.task_id}"
        for target, failures in selected.failures.items()
        for failure, names in _group_metrics_by_failure(failures).items()
    ]


def _group_metrics_by_failure(failures: Mapping[str, MetricFailure]) -> dict[MetricFailure, list[str]]:
    found: dict[MetricFailure, list[str]] = {}
    for name, failure in failures.items():
        found.setdefault(failure, []).append(name)
    return found


def _select_columns(sheet: _MetricTable, selection: Selection) -> list[str]:
    there = sheet.metrics
    if selection.metrics:
        return [name for name in selection.metrics if name in there]
    usual = [name for name in sheet.file.list_default_columns(sheet.kind) if name in there]
    if selection.leaves_out or not usual:
        return there
    return [*usual, *(name for name in sheet.flagged if name not in usual)]


def _format_value(known: KnownValue, metric: Metric | None) -> str:
    scale = 1.0 if metric is None else metric.scale
    error = known.parameter.error
    return format_quantity(known.parameter.value * scale, None if error is None else error * scale, "")


def _format_number(value: float | None, metric: Metric | None) -> str:
    return "" if value is None else use_minus_sign(f"{value * (1.0 if metric is None else metric.scale):.5g}")


def _format_yield(one: MetricSummary) -> str:
    return "" if one.within is None else f"{one.within} of {one.targets}"


def _make_column_header(name: str, metric: Metric | None, cells: Iterable[str]) -> str:
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


def _make_value_rows(selected: ChipMetrics, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    for _, targets in selected.values.iter_kinds():
        for target, known in targets.items():
            for name, one in known.items():
                parameter = one.parameter
                accepted = one.verdict is Verdict.ACCEPTED
                yield (
                    target if one.control is None else f"{target} ({one.control} controls)",
                    f"{name} ({parameter.condition})" if parameter.condition else name,
                    format_quantity(parameter.value, parameter.error, parameter.unit),
                    one.n,
                    format_short_time(parameter.calibrated_at, zone),
                    f"{parameter.execution_id}{', simulated' if parameter.simulated else ''}",
                    format_marks(one.marks),
                    "" if accepted else f"{one.verdict}: {format_reasons(one.reasons)}",
                )


def _make_summary_row(one: MetricSummary, metric: Metric | None) -> tuple[object, ...]:
    best = one.best_target
    return (
        one.name,
        unit_symbol(one.unit if metric is None else metric.unit),
        len(one.values),
        one.missing or "",
        _format_yield(one),
        _format_number(one.median, metric),
        "" if best is None else f"{_format_number(one.values[best], metric)} of {best}",
        format_mark_counts(one.marks),
    )
