"""Division of a pulse program into time slices with a constant set of tones.

Slices are independent of start time and phase. Edges and flat parts of flat tops are separate slices.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.program import Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_fake.pulse_level.circuit import Circuit
    from qdash_tasks.laboratory.program import Play

_ROUNDING_NS = 1e-6
_DIGITS = 12


class PulsePart(NamedTuple):
    """Section of a pulse, without its frequency and phase.

    The complex Rabi frequency on each qubit where the shape is 1 has the phase relative to the first part of the tone;
    `area_ns` is that of the whole pulse. `own` is the index of its qubit, or `toward` those of control and target of a
    tone at another's frequency.
    """

    weights_mhz: tuple[complex, ...]
    waveform: Waveform
    offset_ns: float
    own: int | None
    area_ns: float
    toward: tuple[int, int] | None

    @property
    def is_flat(self) -> bool:
        """Return whether the shape is constant."""
        return self.waveform.shape == "square" and not self.waveform.sideband_ghz

    def area_until_ns(self, time_ns: float) -> float:
        """Return the in-phase area from the start of the slice until a time."""
        waveform = self.waveform
        edge_ns = waveform.length_ns / 2 if waveform.shape == "cosine" else waveform.edge_ns
        if waveform.shape == "square" or 2 * edge_ns < waveform.length_ns:
            return time_ns

        def until(moment_ns: float) -> float:
            return (moment_ns - math.sin(math.pi * moment_ns / edge_ns) * edge_ns / math.pi) / 2

        return until(self.offset_ns + time_ns) - until(self.offset_ns)


class SliceTone(NamedTuple):
    """Sections of pulses played at one frequency."""

    frequency_mhz: float
    parts: tuple[PulsePart, ...]


class PlayedTones(NamedTuple):
    """Tones of a slice, without its start time and phases. Hashable."""

    tones: tuple[SliceTone, ...]
    length_ns: float


class Slice(NamedTuple):
    """Slice of a program, a wait if it has no tones, with the phase of each tone at time zero of the program."""

    start_ns: float
    played: PlayedTones
    phases_rad: tuple[float, ...]

    @property
    def end_ns(self) -> float:
        """End of the slice in the program."""
        return self.start_ns + self.played.length_ns


class _PulseSection(NamedTuple):
    start_ns: float
    end_ns: float
    play: Play
    waveform: Waveform
    offset_ns: float


def iter_slices(
    circuit: Circuit, places: Mapping[str, int], plays: Sequence[Play], until_ns: float
) -> Iterator[Slice]:
    """Yield the slices of a program in time order, from zero until the readout.

    `places` are the indices of the qubits. Raises `InvalidInputError` if a pulse has not ended when the readout starts.
    """
    for play in plays:
        if play.end_ns > until_ns + _ROUNDING_NS:
            raise InvalidInputError(
                f"qubits {', '.join(places)} are read at {until_ns:g} ns, "
                f"while a pulse on the line of {play.line} lasts until {play.end_ns:g} ns"
            )
    sections = sorted((one for play in plays for one in _split_sections(play)), key=lambda one: one.start_ns)
    edges = {0.0, until_ns, *(time for one in sections for time in (one.start_ns, one.end_ns))}
    times = _select_different(sorted(time for time in edges if 0.0 <= time <= until_ns + _ROUNDING_NS))
    running: list[_PulseSection] = []
    following = 0
    for start_ns, end_ns in pairwise(times):
        while following < len(sections) and sections[following].start_ns < start_ns + _ROUNDING_NS:
            running.append(sections[following])
            following += 1
        running = [one for one in running if one.end_ns > start_ns + _ROUNDING_NS]
        yield _slice(circuit, places, running, start_ns, end_ns)


def _select_different(times_ns: list[float]) -> list[float]:
    found = times_ns[:1]
    for time_ns in times_ns[1:]:
        if time_ns - found[-1] > _ROUNDING_NS:
            found.append(time_ns)
    return found


def _split_sections(play: Play) -> list[_PulseSection]:
    """Return edges and flat part of a flat top separately, and any other pulse as a whole."""
    waveform, start_ns, end_ns = play.waveform, play.start_ns, play.end_ns
    edge_ns = waveform.edge_ns
    if waveform.shape != "flat_top" or waveform.sideband_ghz or not edge_ns:
        return [_PulseSection(start_ns, end_ns, play, waveform, 0.0)]
    edges = replace(waveform, length_ns=2 * edge_ns)
    flat = Waveform("square", 1.0, turn_rad=waveform.turn_rad)
    rise_ns, fall_ns = start_ns + edge_ns, end_ns - edge_ns
    return [
        _PulseSection(start_ns, rise_ns, play, edges, 0.0),
        _PulseSection(rise_ns, fall_ns, play, flat, 0.0),
        _PulseSection(fall_ns, end_ns, play, edges, edge_ns),
    ]


def _slice(
    circuit: Circuit, places: Mapping[str, int], running: list[_PulseSection], start_ns: float, end_ns: float
) -> Slice:
    by_frequency: dict[float, list[_PulseSection]] = {}
    for one in sorted(
        running, key=lambda one: (one.play.frequency_ghz, places[one.play.line], one.play.toward or "")
    ):
        by_frequency.setdefault(round(one.play.frequency_ghz, _DIGITS), []).append(one)
    tones, phases = [], []
    for frequency_ghz, group in by_frequency.items():
        phases.append(group[0].play.phase_rad)
        aimed = {one.play.toward for one in group}
        parts = tuple(_make_part(circuit, places, one, start_ns, phases[-1], aimed=aimed) for one in group)
        tones.append(SliceTone(frequency_ghz * 1e3, parts))
    return Slice(start_ns, PlayedTones(tuple(tones), round(end_ns - start_ns, 6)), tuple(phases))


def _make_part(
    circuit: Circuit,
    places: Mapping[str, int],
    section: _PulseSection,
    start_ns: float,
    phase_rad: float,
    *,
    aimed: set[str | None],
) -> PulsePart:
    play, line = section.play, places[section.play.line]
    factor = cmath.rect(play.amplitude, play.phase_rad - phase_rad)
    toward = (line, places[play.toward]) if play.toward is not None and play.toward in places else None
    if toward is not None:
        factor *= 0.0 if circuit.drives[line].dead else circuit.line_gains[line][toward[1]]
    belongs = toward is not None or play.line in aimed
    if play.waveform.shape == "square" and not belongs:
        length_ns = play.waveform.length_ns
        factor *= float(circuit.coherences[line].mismatch.apply_droop(np.array(length_ns))) / length_ns
    weights = [factor * rabi_mhz for rabi_mhz in circuit.rabi_mhz(line, own=not belongs)]
    waveform, offset_ns = section.waveform, start_ns - section.start_ns + section.offset_ns
    if waveform.shape == "square" and not waveform.sideband_ghz:
        waveform, offset_ns = replace(waveform, length_ns=1.0), 0.0
    return PulsePart(
        tuple(complex(round(one.real, _DIGITS), round(one.imag, _DIGITS)) for one in weights),
        waveform,
        round(offset_ns, 6),
        None if belongs else line,
        _compute_area_ns(play.waveform),
        toward,
    )


def _compute_area_ns(waveform: Waveform) -> float:
    """Return the in-phase area of a shape."""
    edge_ns = {"square": 0.0, "cosine": waveform.length_ns / 2, "flat_top": waveform.edge_ns}[waveform.shape]
    return waveform.length_ns - edge_ns
