"""Sections of a report with drawings, which only some formats have: maps, distributions and figures of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.reports.chip_maps import STATUS_SIGNS, ChipMap
from qdash_builtin.reports.rows import list_signs
from qdash_builtin.text_pages.sections import LabelledDrawing, Section
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_count, format_quantity, use_unit_symbols
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.models.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_builtin.reports.report import Figure, Report
    from qdash_builtin.reports.rows import ReportRows
    from qdash_core.models.targets import TargetKind

_SIGNS = {
    "accepted": "✓",
    "completed": "✓",
    "flagged": "⚑",
    "failed": "✗",
    "rejected": "✗",
    "skipped": "⤼",
    "cancelled": "■",
}
"""Signs of the outcomes of results."""
_SCALE = [("", f"c{level}") for level in range(10)]


def iter_maps(report: Report, rows: ReportRows, chip_map: ChipMap) -> Iterator[Section]:
    """Yield the maps of the metrics of the default tables that have values, and the distributions of all metrics."""
    maps = [*_iter_maps(report, rows, chip_map)]
    legend = [("Status:", ""), *((f"{sign} {status}", "") for status, sign in STATUS_SIGNS.items())]
    yield Section(
        "Maps",
        anchor="maps",
        layout="maps",
        drawings=maps,
        legend=legend if maps else (),
        text="" if maps else "There are no values.",
    )
    yield Section(
        "Distributions",
        anchor="distributions",
        text="" if report.distributions else "No metric has two values.",
    )
    for kind, some in report.distributions.items():
        titles = {name: rows.get_title(name, kind) for name in some}
        drawings = [
            LabelledDrawing([(titles[name], "")], one.svg, titles[name], one.reason)
            for name, one in some.items()
        ]
        yield Section(f"{kind.capitalize()}s", level=3, drawings=drawings, layout="tiles cdf")


def _iter_maps(report: Report, rows: ReportRows, chip_map: ChipMap) -> Iterator[LabelledDrawing]:
    contents = report.contents
    for kind in TARGET_KINDS:
        metrics = contents.file.get_metrics(kind)
        for name in contents.file.list_default_columns(kind):
            values = {
                target: some[name] for target, some in contents.get_values(kind).items() if name in some
            }
            if values:
                svg = chip_map.draw(name, metrics.get(name), values, of_couplings=kind == "coupling")
                marks = (f"{one.sign} {one.explanation}" for one in list_signs(values))
                scale = "; ".join([_describe_scale(report, name, kind), *marks])
                yield LabelledDrawing([(rows.get_title(name, kind), "title"), *_SCALE, (scale, "")], svg)


def iter_figures(report: Report, chip_map: ChipMap) -> Iterator[Section]:
    """Yield the figures of the results by task, on the places of the qubits where all have one."""
    legend = [piece for one in ("accepted", "flagged", "failed") for piece in ((_SIGNS[one], one), (one, ""))]
    if report.changes.comparison:
        legend += [("Δ", "changed"), (f"changed since {report.changes.previous}", "")]
    yield Section(
        "Figures",
        anchor="figures",
        legend=legend,
        without_script="Figures are enlarged by a script of this page, which does not run.",
        text="" if report.figures else "There are no results with figures.",
    )
    for task in report.figures:
        in_layout = all(target in chip_map.places for target in task.figures)
        yield Section(
            task.task,
            level=3,
            folded=not task.main,
            note=format_count(len(task.figures), "figure"),
            drawings=[_make_figure(target, one, report) for target, one in task.figures.items()],
            layout="tiles layout" if in_layout else "tiles",
        )


def _make_figure(target: str, one: Figure, report: Report) -> LabelledDrawing:
    outcome = one.result.outcome_in_force
    label = [(target or "chip", ""), (_SIGNS.get(outcome, "·"), str(outcome))]
    label += [("Δ", "")] if one.changes else []
    label += [("✗ failed since", "failed")] if one.failed_since else []
    style = f"t{target} changed" if one.changes else f"t{target}"
    return LabelledDrawing(label, one.svg, _describe(one, report), one.reason, style)


def place_qubits(places: Mapping[str, tuple[float, float]]) -> str:
    """Return the style that places the figures of qubits as on the chip; none if two qubits would share a place."""
    cells = {qid: (round(x) + 1, round(y) + 1) for qid, (x, y) in places.items()}
    if len({*cells.values()}) < len(cells) or not cells:
        return ""
    columns = max(column for column, _ in cells.values())
    rules = (f".t{qid}{{grid-area:{row}/{column}}}" for qid, (column, row) in cells.items() if qid.isdigit())
    return f".layout{{grid-template-columns:repeat({columns},minmax(5.5rem,13rem))}}{''.join(rules)}"


def _describe_scale(report: Report, name: str, kind: TargetKind) -> str:
    """Return the range and the number of the values of a metric in words."""
    metric = report.contents.file.get_metrics(kind)[name]
    values = [
        float(some[name].parameter.value) * metric.scale
        for some in report.contents.get_values(kind).values()
        if name in some
    ]
    missing = len(report.contents.targets.get_targets(kind)) - len(values)
    unit = f" {unit_symbol(metric.unit)}" if metric.unit else ""
    return f"{min(values):.4g} to {max(values):.4g}{unit}, {format_count(len(values), 'value')}" + (
        f", {missing} missing" if missing > 0 else ""
    )


def _describe(figure: Figure, report: Report) -> str:
    """Return the caption of an enlarged figure."""
    result = figure.result
    values = ", ".join(
        f"{name} {format_quantity(one.value, one.error, one.unit)}"
        for name, one in result.output_parameters.items()
    )
    at = "" if result.end_at is None else format_time(result.end_at, report.zone)
    reasons = use_unit_symbols(result.message or "; ".join(result.reasons))
    changes = (
        f"changed since {report.changes.previous}: {', '.join(figure.changes)}" if figure.changes else ""
    )
    parts = (
        f"{result.qid or 'whole chip'} {result.name}: {result.outcome_in_force}",
        f"✗ {use_unit_symbols(figure.failed_since)}" if figure.failed_since else "",
        values,
        reasons,
        *dict.fromkeys(f"{one.verdict} by {one.username}: {one.reason}" for one in result.decisions.values()),
        changes,
        at,
    )
    return " · ".join(part for part in parts if part)
