"""Rows of the table, and the recorded figures with which they are compared."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIGURES = Path(__file__).with_name("figures.yaml")
HEAD = "| row | median | 5 % to 95 % | ratio | previous | previous from | change |\n|---|---|---|---|---|---|---|"
_SAME = 0.005
"""Relative change that rounds to 0 %."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: median and the central 90 % of its repetitions."""

    what: str
    unit: str
    median: float
    low: float
    high: float
    ratio: float | None = None
    """The median in units of that of a reference, which the row names."""

    @classmethod
    def of(
        cls, what: str, unit: str, samples: Sequence[float], *, against: Sequence[float] | None = None
    ) -> Row:
        """Return the row of samples. Those of the reference are taken in turn, so that the speed of the machine cancels."""
        ordered = sorted(samples)
        low, high = (ordered[int(share * (len(ordered) - 1))] for share in (0.05, 0.95))
        median = statistics.median(ordered)
        return cls(what, unit, median, low, high, median / statistics.median(against) if against else None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A recorded row: its numbers, and when, with which revision and on which machine they were measured."""

    unit: str
    median: float
    low: float
    high: float
    ratio: float | None
    date: str
    revision: str
    machine: str

    @classmethod
    def now(cls, row: Row, revision: str = "") -> Figure:
        """Return a row of a revision, by default this tree, and of this machine, to three digits."""
        ratio = None if row.ratio is None else _round(row.ratio)
        numbers = (_round(row.median), _round(row.low), _round(row.high), ratio)
        return cls(
            row.unit,
            *numbers,
            datetime.now(UTC).date().isoformat(),
            revision or name_revision(),
            name_machine(),
        )

    @property
    def origin(self) -> str:
        """Date, revision and machine."""
        return f"{self.date}, {self.revision}, {self.machine}"


Figures = dict[str, dict[str, Figure]]
"""Figures by table and row."""


def read_figures(path: Path = FIGURES) -> Figures:
    """Return the recorded figures."""
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    return {
        table: {what: Figure(**{"ratio": None, **one}) for what, one in rows.items()}
        for table, rows in found.items()
    }


def write_figures(figures: Figures, path: Path = FIGURES) -> None:
    """Record figures, each on a line of its own."""
    lines = ["# Figures of `python -m benchmarks --record`, with which the next ones are compared."]
    for table, rows in figures.items():
        lines.append(f"{table}:")
        for what, figure in rows.items():
            known = {name: value for name, value in asdict(figure).items() if value is not None}
            lines.append(f"  {json.dumps(what)}: {json.dumps(known, ensure_ascii=False)}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def store_page(name: str, head: str, text: str) -> None:
    """Store a table beside this module, with date, revision and machine after its head."""
    when = f"Measured {datetime.now(UTC).date().isoformat()} with {name_revision()}, {name_machine()}.\n\n"
    Path(__file__).with_name(name).write_text(head + when + text, "utf-8")


def store_between(name: str, marks: str, text: str) -> None:
    """Store a text in a page beside this module, between its comments `marks` and `end of marks`."""
    path, begin, end = Path(__file__).with_name(name), f"<!-- {marks} -->\n", f"<!-- end of {marks} -->"
    before, _, rest = path.read_text("utf-8").partition(begin)
    path.write_text(f"{before}{begin}{text}{end}{rest.partition(end)[2]}", "utf-8")


def format_row(row: Row, previous: Figure | None) -> str:
    """Return a measured row of the table, with its change since the previous figure: of the ratio if it has one."""
    spread = f"{row.low:.3g} to {row.high:.3g} {row.unit}".strip() if row.low < row.high else ""
    cells = (_quantity(row.median, row.unit), spread, _ratio(row.ratio))
    return _line(row.what, *cells, *_previous_cells(previous), _change(row, previous))


def format_name(name: str) -> str:
    """Return the row above those of a table."""
    return _line(f"**{name}**", *6 * [""])


def format_missing(what: str, reason: str, previous: Figure | None = None) -> str:
    """Return a row that is not measured, with its previous figure."""
    return _line(what, reason, "", "", *_previous_cells(previous), "")


@cache
def name_machine() -> str:
    """Return processors, Python and system."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {system}"


@cache
def name_revision() -> str:
    """Return the commit of the tree, with a `+` if files of it have changed."""
    git = ["git", "-C", str(FIGURES.parent), "describe", "--always", "--abbrev=9", "--dirty=+", "--exclude=*"]
    return subprocess.run(git, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _previous_cells(previous: Figure | None) -> tuple[str, str]:
    if previous is None:
        return "", ""
    ratio = "" if previous.ratio is None else f", ratio {_ratio(previous.ratio)}"
    return f"{_quantity(previous.median, previous.unit)}{ratio}", previous.origin


def _change(row: Row, previous: Figure | None) -> str:
    if previous is None or previous.unit != row.unit:
        return ""
    if row.ratio is not None and previous.ratio:
        return f"ratio {_percent(row.ratio / previous.ratio - 1)}"
    if not previous.median:
        return "" if row.median else "0 %"
    elsewhere = "" if previous.machine == name_machine() else ", another machine"
    return f"{_percent(row.median / previous.median - 1)}{elsewhere}"


def _percent(change: float) -> str:
    return "0 %" if abs(change) < _SAME else f"{change:+.0%}".replace("%", " %")


def _quantity(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
