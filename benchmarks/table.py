"""Rows of the table, and its Markdown."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: median and the central 90 % of its repetitions."""

    what: str
    unit: str
    median: float
    low: float
    high: float
    against: Sequence[float] | None = None
    """Reference measurements, taken in turn so that the speed of the machine cancels."""

    @property
    def ratio(self) -> float | None:
        """The median in units of the median of `against`."""
        return None if self.against is None else self.median / statistics.median(self.against)


def spread(samples: Sequence[float]) -> tuple[float, float, float]:
    """Return the median and the 5th and 95th percentiles."""
    ordered = sorted(samples)
    return (
        statistics.median(ordered),
        ordered[int(0.05 * (len(ordered) - 1))],
        ordered[int(0.95 * (len(ordered) - 1))],
    )


def as_markdown(rows: Iterable[Row]) -> str:
    """Return the table as Markdown. The ratio is to the reference named in the row."""
    lines = ["| what | median | 5 % to 95 % | ratio |", "|---|---|---|---|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"| {row.what} | {row.median:.3g} {row.unit} | {row.low:.3g} to {row.high:.3g} {row.unit} | {ratio} |"
        )
    return "\n".join(lines) + "\n"
