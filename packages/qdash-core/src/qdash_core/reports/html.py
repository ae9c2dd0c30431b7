"""Reports as one HTML page without outside requests."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_count, format_quantity, use_unit_symbols
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.models.times import format_time
from qdash_core.reports.chip_maps import STATUS_SIGNS, ChipMap
from qdash_core.reports.rows import ReportRows, list_signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jinja2 import Template

    from qdash_core.models.marks import Mark
    from qdash_core.models.targets import TargetKind
    from qdash_core.reports.report import Figure, Report

SIGNS = {
    "accepted": "✓",
    "completed": "✓",
    "flagged": "⚑",
    "failed": "✗",
    "rejected": "✗",
    "skipped": "⤼",
    "cancelled": "■",
}
"""Signs of the outcomes of results."""


@dataclass(frozen=True, slots=True)
class _Map:
    """Map of a metric with its legend."""

    title: str
    svg: str
    scale: str
    marks: Sequence[Mark]


def render_html(report: Report) -> Iterator[bytes]:
    """Yield a report as HTML, in pieces."""
    from markupsafe import Markup

    from qdash_core.reports.template_environment import encode_pieces

    chip_map = ChipMap(report.contents.chip, report.contents.statuses)
    style = _read("report.css") + _place_qubits(chip_map.places)
    script = _read("report.js")
    # The page holds drawings of the pictures plugin, and style and script of this package, as they are: `Markup` marks them.
    stream = _load_template().stream(
        report=report,
        rows=ReportRows(report),
        kinds=TARGET_KINDS,
        maps=_draw_maps(report, chip_map),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_make_policy(style, script),
        raw=Markup,
        count=format_count,
        signs=SIGNS,
        status_signs=STATUS_SIGNS,
        describe=lambda figure: _describe(figure, report),
        in_layout=lambda figures: all(one in chip_map.places for one in figures),
    )
    return encode_pieces(stream)


@cache
def _load_template() -> Template:
    from qdash_core.reports.template_environment import make_environment

    return make_environment().get_template("report.html")


@cache
def _read(name: str) -> str:
    return files("qdash_core.reports").joinpath("templates", name).read_text(encoding="utf-8")


def _make_policy(style: str, script: str) -> str:
    """Return a policy that allows only this style and this script, and no requests."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script))
    style_hash, script_hash = hashes
    return f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; base-uri 'none'; form-action 'none'"


def _place_qubits(places: Mapping[str, tuple[float, float]]) -> str:
    """Return the style that places the figures of qubits as on the chip; none if two qubits would share a place."""
    cells = {qid: (round(x) + 1, round(y) + 1) for qid, (x, y) in places.items()}
    if len({*cells.values()}) < len(cells) or not cells:
        return ""
    columns = max(column for column, _ in cells.values())
    rules = (f".t{qid}{{grid-area:{row}/{column}}}" for qid, (column, row) in cells.items() if qid.isdigit())
    return f".layout{{grid-template-columns:repeat({columns},minmax(5.5rem,13rem))}}{''.join(rules)}"


def _draw_maps(report: Report, chip_map: ChipMap) -> list[_Map]:
    """Return the maps of the metrics of the default tables that have values."""
    contents, rows = report.contents, ReportRows(report)
    found = []
    for kind in TARGET_KINDS:
        metrics = contents.file.get_metrics(kind)
        for name in contents.file.list_default_columns(kind):
            values = {
                target: some[name] for target, some in contents.get_values(kind).items() if name in some
            }
            if values:
                svg = chip_map.draw(name, metrics.get(name), values, of_couplings=kind == "coupling")
                scale = _describe_scale(report, name, kind)
                found.append(_Map(rows.get_title(name, kind), svg, scale, list_signs(values)))
    return found


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
        changes,
        at,
    )
    return " · ".join(part for part in parts if part)
