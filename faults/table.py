"""Findings of a fault, and the table of all faults."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS = (
    "fault",
    "store",
    "times",
    "description",
    "acknowledged",
    "lost",
    "repeated",
    "illegal",
    "otherwise wrong",
    "recovery: median (longest, how many)",
)


@dataclass(slots=True)
class Findings:
    """Findings after one or several repetitions of a fault.

    Attributes
    ----------
    times : int
        Number of repetitions.
    acknowledged : int
        Results that the run reported to its watcher.
    lost, repeated, illegal, other : list of str
        Acknowledged results that are missing or incomplete; nodes with several completed results; forbidden states, locks
        and files; all other problems. One line each.
    recovery_s : list of float
        Wall times until work continued, in s.
    """

    times: int = 1
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    illegal: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    recovery_s: list[float] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """All problems, one line each."""
        return [*self.lost, *self.repeated, *self.illegal, *self.other]

    def expect(self, met: object, otherwise: str) -> None:
        """Record a problem unless a condition holds."""
        if not met:
            self.other.append(otherwise)

    def take_in(self, more: Findings, *, times: int = 0) -> None:
        """Add the findings of another check; `times` is the number of additional repetitions."""
        self.times += times
        self.acknowledged += more.acknowledged
        self.lost += more.lost
        self.repeated += more.repeated
        self.illegal += more.illegal
        self.other += more.other
        self.recovery_s += more.recovery_s


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    fault: str
    store: str
    does: str
    findings: Findings

    def document(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        found = self.findings
        return {
            "fault": self.fault,
            "store": self.store,
            "does": self.does,
            "times": found.times,
            "acknowledged": found.acknowledged,
            "lost": found.lost,
            "repeated": found.repeated,
            "illegal": found.illegal,
            "other": found.other,
            "recovery_s": found.recovery_s,
        }


def as_markdown(rows: Iterable[Row]) -> str:
    """Return the table as Markdown."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for row in rows:
        found = row.findings
        cells = (
            f"`{row.fault}`",
            row.store,
            found.times,
            row.does,
            found.acknowledged,
            len(found.lost),
            len(found.repeated),
            len(found.illegal),
            len(found.other),
            _times(found.recovery_s),
        )
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _times(seconds: list[float]) -> str:
    if not seconds:
        return ""
    return f"{statistics.median(seconds):.1f} s ({max(seconds):.1f} s, {len(seconds)})"
