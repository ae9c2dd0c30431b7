"""Draws the trends of a real processor: `python -m docs.make_trends`.

The data are daily tables that IBM published, see `data/valencia`.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from qdash_analysis.trends.page_analysis import analyse_page
from qdash_builtin.metrics.pages.specification import Scale
from qdash_builtin.metrics.pages.trend_plot import draw_plot
from qdash_builtin.metrics.text_output.trends import describe_trend
from qdash_builtin.metrics.trend_points import TrendPoint
from qdash_builtin.metrics.trends import SeriesTrend, make_series, sort_trends
from qdash_builtin.metrics.views.trends import TrendDocument

HERE = Path(__file__).parent
PICTURE = HERE / "images" / "trends-valencia.svg"
TABLES = {
    "t1": Scale("T1", "us", 1e6),
    "t2": Scale("T2", "us", 1e6),
    "readout_error": Scale("readout error", "%", 100),
    "cnot_error": Scale("CNOT error", "%", 100),
}
_COLUMNS, _WIDTH, _HEIGHT, _LINE = 3, 320, 218, 46
_STYLE = """<style>text { font: 12px sans-serif; fill: #30343b; } .title { font-weight: bold; font-size: 13px; }
.mark { fill: #b23c06; } .point { fill: #30343b; } .change { stroke: #b23c06; stroke-dasharray: 4 2; stroke-width: 1.5; }
.drift { stroke: #0072b2; stroke-width: 2; } .axis { stroke: #b0b6bc; }</style>"""


def main(picture: Path = PICTURE) -> None:
    """Draw all series, worst first."""
    trends = analyse_tables()
    rows = -(-len(trends) // _COLUMNS)
    parts = [
        f'<svg x="{_WIDTH * (place % _COLUMNS)}" y="{_HEIGHT * (place // _COLUMNS)}" width="{_WIDTH}" height="{_HEIGHT}">'
        f"{_draw(one)}</svg>"
        for place, one in enumerate(trends)
    ]
    size = f"0 0 {_WIDTH * _COLUMNS} {_HEIGHT * rows}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}">{_STYLE}<rect width="100%" height="100%" fill="white"/>'
    picture.write_text(svg + "".join(parts) + "</svg>\n", encoding="utf-8")


def analyse_tables(folder: Path = HERE / "data" / "valencia") -> list[TrendDocument]:
    """Return the trends of the published tables, worst first."""
    known = [
        (target, metric, points)
        for metric in TABLES
        for target, points in _read_table(folder / f"valencia_{metric}.csv").items()
    ]
    analyses = analyse_page([make_series(metric, "", points) for _, metric, points in known])
    return [
        TrendDocument.from_trend(one)
        for one in sort_trends(
            SeriesTrend(target, metric, "", points, own)
            for (target, metric, points), own in zip(known, analyses, strict=True)
        )
    ]


def _read_table(path: Path) -> dict[str, list[TrendPoint]]:
    """Return the values of each column by time, without those that repeat the one before; both directions are one coupling."""
    _, header, *lines = path.read_text(encoding="utf-8").splitlines()
    header = re.sub(r"\((\d),(\d)\)", r"\1-\2", header)
    rows = sorted(csv.DictReader([header, *lines]), key=lambda row: row["date"])
    found: dict[str, list[TrendPoint]] = {}
    for column in [one for one in rows[0] if one != "date"]:
        target = "-".join(sorted(column.strip("q").split("-")))
        points: list[TrendPoint] = []
        for row in rows:
            if row[column] == "no data" or (points and points[-1].value == float(row[column])):
                continue
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) + timedelta(hours=12)
            points.append(TrendPoint(at, float(row[column]), None, ""))
        found[target] = points
    return found


def _draw(trend: TrendDocument) -> str:
    scale, zone = TABLES[trend.metric], ZoneInfo("UTC")
    found = describe_trend(trend, unit=scale.unit, scale=scale.factor, zone=zone)
    words = "; ".join(found) or "steady"
    plot = draw_plot(trend, scale, zone).replace("<svg ", '<svg x="10" y="24" width="300" height="136" ', 1)
    lines = [words[start : start + _LINE] for start in range(0, min(len(words), 3 * _LINE), _LINE)]
    texts = [f'<text x="10" y="{174 + 14 * number}">{line}</text>' for number, line in enumerate(lines)]
    return f'<text class="title" x="10" y="18">{trend.target} {scale.title}</text>{plot}{"".join(texts)}'


if __name__ == "__main__":
    main()
