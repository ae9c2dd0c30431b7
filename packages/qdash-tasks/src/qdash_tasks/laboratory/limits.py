"""What a laboratory can play and measure, as data, with defaults that hinder nobody."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.shots import RESETS

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLACK = 1e-6
"""Of a step of a grid: what of a time is rounding of numbers, and no time that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLimits:
    """What the control line of one qubit can play.

    Attributes
    ----------
    start_ns
        Grid of the starts and lengths of pulses, beginning at zero.
    shortest_ns
        Shortest pulse.
    frequencies_ghz
        Ranges (lowest, highest) that it can be driven at.
    largest_amplitude
        Of full scale.
    """

    start_ns: float = 1.0
    shortest_ns: float = 0.0
    frequencies_ghz: tuple[tuple[float, float], ...] = ((0.5, 20.0),)
    largest_amplitude: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutLimits:
    """What a readout line can probe.

    Attributes
    ----------
    frequencies_ghz
        Ranges (lowest, highest).
    """

    frequencies_ghz: tuple[tuple[float, float], ...] = ((1.0, 20.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a laboratory can do. What is asked for beyond it is refused before any hardware is touched.

    Attributes
    ----------
    lines
        Control lines by qubit; `usual_line` holds for all others.
    longest_program_ns
        Longest time that a request may name: delays, lengths of pulses and tones. How long sequences of gates are follows
        from the settings in use, and tasks keep them within it.
    shortest_interval_us
        Least time between two shots.
    points_a_call, shots_a_call
        Most points of a target, and shots of each, that one call takes; None: any number. A sweep is never divided into
        several calls, because the IQ plane may turn between them: what is larger is refused.
    single_shots
        Whether single shots can be kept.
    resets
        How shots can start: ``"active"``, ``"passive"``.
    """

    lines: Mapping[str, LineLimits] = field(default_factory=lambda: MappingProxyType({}))
    usual_line: LineLimits = LineLimits()
    readout: ReadoutLimits = ReadoutLimits()
    longest_program_ns: float = math.inf
    shortest_interval_us: float = 0.0
    points_a_call: int | None = None
    shots_a_call: int | None = None
    single_shots: bool = True
    resets: frozenset[str] = RESETS

    def line(self, qid: str) -> LineLimits:
        """Return the limits of the control line of a qubit."""
        return self.lines.get(qid, self.usual_line)

    def on_grid(self, qid: str, ns: float) -> float:
        """Return the shortest time that the line of a qubit can play and that is not below `ns`."""
        line = self.line(qid)
        return not_below(max(ns, line.shortest_ns), line.start_ns)


def not_below(ns: float, grid_ns: float) -> float:
    """Return the shortest time on a grid that is not below `ns`, but for rounding of numbers."""
    return math.ceil(ns / grid_ns - _SLACK) * grid_ns


def within(ranges: tuple[tuple[float, float], ...], value: float) -> bool:
    """Return whether a value lies in one of the ranges, their ends included."""
    return any(lowest <= value <= highest for lowest, highest in ranges)
