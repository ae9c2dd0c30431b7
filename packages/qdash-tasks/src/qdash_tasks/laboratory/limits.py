"""Limits of a laboratory as data; the defaults restrict nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.grids import GRID_SLACK, find_common_grid_ns, round_up
from qdash_tasks.laboratory.shots import KEEPS, RESETS, Keep, ResetMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def _require(name: str, value: float, *, above: float | None = None) -> None:
    """Raise `InvalidInputError` unless a value is finite and lies above the bound or, without one, is not negative."""
    if not math.isfinite(value) or value < 0 or (above is not None and value <= above):
        least = "that is not negative" if above is None else f"above {above:g}"
        raise InvalidInputError(f"{name}: {value!r} is not a finite number {least}")


def _require_count(name: str, most: int | None) -> None:
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise InvalidInputError(f"{name}: {most!r} is neither None nor a positive whole number")


def _require_ranges(ranges: tuple[tuple[float, float], ...]) -> None:
    for lowest, highest in ranges:
        if not 0 <= lowest <= highest:
            raise InvalidInputError(
                f"frequencies_ghz: {lowest!r} to {highest!r} is not a range of frequencies"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLimits:
    """Limits of the control line of one qubit.

    Attributes
    ----------
    start_ns
        Grid of pulse starts and lengths, beginning at zero.
    shortest_gap_ns
        Shortest gap between two pulses that do not touch.
    longest_pulse_ns
        Longest pulse of one waveform; a longer one is played as several contiguous ones.
    amplitude_step
        Amplitude resolution in units of full scale; 0 if it is arbitrarily fine.
    frequencies_ghz
        Ranges (lowest, highest) of drive frequencies.
    largest_amplitude
        In units of full scale.

    Raises
    ------
    InvalidInputError
        If a number is invalid, a range is empty, or no pulse length is allowed.
    """

    start_ns: float = 1.0
    shortest_ns: float = 0.0
    shortest_gap_ns: float = 0.0
    longest_pulse_ns: float = math.inf
    amplitude_step: float = 0.0
    frequencies_ghz: tuple[tuple[float, float], ...] = ((0.5, 20.0),)
    largest_amplitude: float = 1.0

    def __post_init__(self) -> None:
        """Validate the fields."""
        _require("start_ns", self.start_ns, above=0.0)
        for name in ("shortest_ns", "shortest_gap_ns", "amplitude_step"):
            _require(name, getattr(self, name))
        _require("largest_amplitude", self.largest_amplitude, above=0.0)
        _require_ranges(self.frequencies_ghz)
        shortest_ns = round_up(max(self.shortest_ns, self.start_ns), self.start_ns)
        if not self.longest_pulse_ns >= shortest_ns - GRID_SLACK * self.start_ns:
            raise InvalidInputError(
                f"longest_pulse_ns: {self.longest_pulse_ns!r} is below the shortest pulse on the grid, {shortest_ns:g}\N{NO-BREAK SPACE}ns"
            )

    def amplitude_on_step(self, amplitude: float) -> float:
        """Return the nearest playable amplitude, rounded towards zero if the nearest exceeds the largest."""
        if not self.amplitude_step:
            return amplitude
        steps = amplitude / self.amplitude_step
        nearest = round(steps) * self.amplitude_step
        most = self.largest_amplitude * (1 + GRID_SLACK)
        return math.trunc(steps) * self.amplitude_step if abs(nearest) > most >= abs(amplitude) else nearest

    def split_pulse_ns(self, length_ns: float) -> list[float]:
        """Split a length on the grid into the fewest contiguous pulses of about equal length.

        Raises `InvalidInputError` if no such pulses satisfy the shortest and longest length.
        """
        if length_ns <= self.longest_pulse_ns + GRID_SLACK * self.start_ns:
            return [length_ns]
        steps = round(length_ns / self.start_ns)
        count = math.ceil(steps / math.floor(self.longest_pulse_ns / self.start_ns + GRID_SLACK))
        each, longer = divmod(steps, count)
        if each * self.start_ns < self.shortest_ns - GRID_SLACK * self.start_ns:
            raise InvalidInputError(
                f"{length_ns:g}\N{NO-BREAK SPACE}ns cannot be played as pulses of {self.shortest_ns:g} to {self.longest_pulse_ns:g}\N{NO-BREAK SPACE}ns"
            )
        return [(each + 1) * self.start_ns] * longer + [each * self.start_ns] * (count - longer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutLimits:
    """Limits of a readout line.

    The grid of readout starts begins at zero; amplitudes are in units of full scale, frequencies (lowest, highest).

    Attributes
    ----------
    readouts_a_program
        Most readouts of a qubit in a program, or None for no limit; standard requests read once, at the end.
    guard_ns
        Shortest time between the last pulse and a readout, if the capture may begin early; delays include it.
    """

    frequencies_ghz: tuple[tuple[float, float], ...] = ((1.0, 20.0),)
    start_ns: float = 1.0
    largest_amplitude: float = 1.0
    readouts_a_program: int | None = None
    guard_ns: float = 0.0

    def __post_init__(self) -> None:
        """Validate the fields, as in `LineLimits`."""
        _require("start_ns", self.start_ns, above=0.0)
        _require("largest_amplitude", self.largest_amplitude, above=0.0)
        _require("guard_ns", self.guard_ns)
        _require_ranges(self.frequencies_ghz)
        _require_count("readouts_a_program", self.readouts_a_program)

    def can_read(self, count: int) -> bool:
        """Return whether one program can read a qubit that many times."""
        return self.readouts_a_program is None or count <= self.readouts_a_program


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a laboratory. Requests beyond them are rejected before any hardware is touched.

    Attributes
    ----------
    lines
        Control lines by qubit; `usual_line` applies to all others.
    readout_ranges
        Ranges (lowest, highest) in GHz by qubit; those of `readout` apply to all others.
    longest_program_ns
        Longest time that a request may name: delays, lengths of pulses and tones. The length of gate
        sequences follows from the settings in use, and tasks keep it within the limit.
    points_a_call, shots_a_call
        Most points of a target, and shots of each, that one call to `measure` takes, or None for no limit.
        Larger requests are rejected. A `PulseLaboratory` ignores the limit of points: it splits sweeps into
        calls of `programs_a_call`.
    keeps
        Supported ways to keep the shots: ``"mean"``, ``"each"``. A `PulseLaboratory` that keeps only each
        shot averages in software.
    resets
        Supported resets: ``"active"``, ``"passive"``.
    programs_a_call, single_shot_programs_a_call
        Most pulse programs that one call to `play` takes, or None for no limit. The second applies if every
        shot is kept; if it is None, the first applies.
    frequencies_change
        Whether the programs of one call to `play` may differ in the frequency of a generator.
    plane_turns
        Whether the IQ plane may rotate from one call to the next.
    covariances
        Whether `play` returns the covariance of every mean. If not, a `PulseLaboratory` estimates the noise itself.

    Raises
    ------
    InvalidInputError
        If `keeps` or `resets` is empty or unknown, or a number is invalid.
    """

    lines: Mapping[str, LineLimits] = field(default_factory=lambda: MappingProxyType({}))
    usual_line: LineLimits = LineLimits()
    readout: ReadoutLimits = ReadoutLimits()
    readout_ranges: Mapping[str, tuple[tuple[float, float], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    longest_program_ns: float = math.inf
    shortest_interval_us: float = 0.0
    points_a_call: int | None = None
    shots_a_call: int | None = None
    keeps: frozenset[Keep] = KEEPS
    resets: frozenset[ResetMode] = RESETS
    programs_a_call: int | None = None
    single_shot_programs_a_call: int | None = None
    frequencies_change: bool = True
    plane_turns: bool = False
    covariances: bool = False

    def __post_init__(self) -> None:
        """Validate the fields."""
        for name, known in (("keeps", KEEPS), ("resets", RESETS)):
            given = getattr(self, name)
            if isinstance(given, str) or not given or not set(given) <= known:
                possible = ", ".join(repr(one) for one in sorted(known))
                raise InvalidInputError(f"{name}: {given!r} is not a set of some of {possible}")
        for name in ("points_a_call", "shots_a_call", "programs_a_call", "single_shot_programs_a_call"):
            _require_count(name, getattr(self, name))
        for ranges in self.readout_ranges.values():
            _require_ranges(ranges)
        _require("shortest_interval_us", self.shortest_interval_us)
        if not self.longest_program_ns > 0:
            raise InvalidInputError(f"longest_program_ns: {self.longest_program_ns!r} is not a positive time")

    @property
    def single_shots(self) -> bool:
        """True if single shots can be kept."""
        return "each" in self.keeps

    @property
    def few_single_shots(self) -> bool:
        """True if a call that keeps every shot takes fewer programs than one that keeps means."""
        means, singles = self.most_programs("mean"), self.most_programs("each")
        return singles is not None and (means is None or singles < means)

    def most_programs(self, keep: Keep) -> int | None:
        """Return the most programs of one call to `play` that keeps shots in this way, or None for no limit."""
        singles = self.single_shot_programs_a_call if keep == "each" else None
        return self.programs_a_call if singles is None else singles

    def line(self, qid: str) -> LineLimits:
        """Return the limits of the control line of a qubit."""
        return self.lines.get(qid, self.usual_line)

    def readout_frequencies_ghz(self, qid: str) -> tuple[tuple[float, float], ...]:
        """Return the frequency ranges of the readout of a qubit."""
        return self.readout_ranges.get(qid, self.readout.frequencies_ghz)

    def on_grid(self, qid: str, ns: float) -> float:
        """Return the shortest time of at least `ns` that the line of a qubit can play."""
        line = self.line(qid)
        return round_up(max(ns, line.shortest_ns), line.start_ns)

    def pulse_on_grid(self, ns: float, *qids: str) -> float:
        """Return the shortest pulse length of at least `ns` that all of these lines can play; 0 stays 0."""
        if ns <= 0:
            return 0.0
        return round_up(max(self.on_grid(qid, ns) for qid in qids), self.grid_ns(*qids))

    def gap_on_grid(self, qid: str, ns: float) -> float:
        """Return the shortest gap between pulses of at least `ns` that a line can play; 0 stays 0."""
        line = self.line(qid)
        gap_ns = 0.0 if ns < GRID_SLACK * line.start_ns else max(ns, line.shortest_gap_ns)
        return round_up(gap_ns, line.start_ns)

    def grid_ns(self, *qids: str) -> float:
        """Return the common grid of the lines of these qubits."""
        return find_common_grid_ns(*(self.line(qid).start_ns for qid in qids))


def require_within(ranges: tuple[tuple[float, float], ...], frequency_ghz: float, *, line: str) -> None:
    """Raise `InvalidInputError`, naming the line, unless a frequency lies in one of the ranges."""
    if not is_within(ranges, frequency_ghz):
        possible = ", ".join(f"{low:g} to {high:g}" for low, high in ranges)
        raise InvalidInputError(
            f"{frequency_ghz:.6g}\N{NO-BREAK SPACE}GHz on the {line}: it plays {possible}\N{NO-BREAK SPACE}GHz"
        )


def is_within(ranges: tuple[tuple[float, float], ...], value: float) -> bool:
    """Return whether a value lies in one of the ranges, ends included."""
    return any(lowest <= value <= highest for lowest, highest in ranges)


def are_within(ranges: tuple[tuple[float, float], ...], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each value whether it lies in one of the ranges, ends included; shape as `values`, one dimension."""
    lowest, highest = np.array(ranges, dtype=float).reshape(-1, 2, 1).swapaxes(0, 1)
    return np.asarray(((lowest <= values) & (values <= highest)).any(axis=0))
