"""Builder of a pulse program, with a time for each line and a frame for virtual Z.

Waits and rectangular pulses are rounded up to the grid of each line as they are added. Shaped pulses and tones are
calibrated with their length: one that is off the grid is rejected.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.grids import find_common_grid_ns, round_down, round_up
from qdash_tasks.laboratory.limits import require_within
from qdash_tasks.laboratory.program import Play, Program, Readout, Waveform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Pulse
    from qdash_tasks.laboratory.settings import Settings

_ROUNDING_NS = 1e-6
_ROUNDING = 1e-9


class _Part(NamedTuple):
    """Pulse, or a piece of it, as its line plays it."""

    waveform: Waveform
    amplitude: float
    frequency_ghz: float


@dataclass(slots=True)
class Timeline:
    """Program under construction, with the settings in use by qubit and the limits of the laboratory."""

    settings: Mapping[str, Settings]
    limits: Limits
    _plays: list[Play] = field(default_factory=list, init=False)
    _now_ns: dict[str, float] = field(default_factory=dict, init=False)
    _frame_rad: dict[str, float] = field(default_factory=dict, init=False)
    _idle_ends_ns: dict[str, float] = field(default_factory=dict, init=False)
    _known_parts: dict[tuple[str, Waveform, float, float | None], tuple[_Part, ...]] = field(
        default_factory=dict, init=False
    )

    def now_ns(self, *qids: str) -> float:
        """Return the earliest time at which all of these lines are free."""
        return max(self._now_ns.get(qid, 0.0) for qid in qids)

    def align(self, *qids: str) -> None:
        """Make all of these lines wait for the last one, longer if a gap would be too short."""
        together_ns = round_up(self.now_ns(*qids), self.limits.grid_ns(*qids))
        while True:
            gaps = {qid: together_ns - self._now_ns.get(qid, 0.0) for qid in qids}
            short = [qid for qid, gap_ns in gaps.items() if self._is_too_short(qid, gap_ns)]
            if not short:
                break
            together_ns += self.limits.grid_ns(*qids)
        self._now_ns.update(dict.fromkeys(qids, together_ns))

    def wait(self, qid: str, time_ns: float) -> float:
        """Leave a line idle for the shortest playable time of at least `time_ns`; return that time."""
        played_ns = self.limits.gap_on_grid(qid, time_ns)
        self._now_ns[qid] = self.now_ns(qid) + played_ns
        return played_ns

    def idle(self, qid: str, pulse: Pulse) -> None:
        """Leave a line idle for the length of a pulse, as if it were played; the next pulse starts as after the pulse.

        Use it at the start of a program: a gap between pulses is a `wait`.
        """
        self._now_ns[qid] = self._idle_ends_ns[qid] = self.now_ns(qid) + pulse.length_ns

    def turn(self, qid: str, angle_rad: float) -> None:
        """Rotate a qubit about z: a virtual Z, which shifts the phase of all later pulses at its frequency."""
        self._frame_rad[qid] = self._frame_rad.get(qid, 0.0) - angle_rad

    def pulse(
        self, qid: str, pulse: Pulse, *, phase_rad: float = 0.0, frequency_ghz: float | None = None
    ) -> None:
        """Play a raised-cosine pulse, at the frequency in use if None: phase 0 rotates about +x, pi/2 about +y."""
        waveform = _make_raised_cosine(pulse.length_ns, pulse.beta_ns)
        self.play(qid, waveform, pulse.amplitude, phase_rad=phase_rad, frequency_ghz=frequency_ghz)

    def play(
        self,
        qid: str,
        waveform: Waveform,
        amplitude: float,
        *,
        phase_rad: float = 0.0,
        frequency_ghz: float | None = None,
    ) -> float:
        """Play a shape on a qubit's line and return its length.

        A length of 0 plays nothing. `frequency_ghz` is None for the drive frequency in use.

        Raises
        ------
        InvalidInputError
            If amplitude or frequency are beyond the line's limits, or a shape other than a square has an
            unplayable length.
        """
        # Long sequences repeat few pulses.
        key = qid, waveform, amplitude, frequency_ghz
        parts = self._known_parts.get(key)
        if parts is None:
            shapes = self._split_shape(qid, waveform)
            parts = tuple(self._fit_part(qid, one, amplitude, qid, frequency_ghz) for one in shapes)
            self._known_parts[key] = parts
        played_ns = 0.0
        for part in parts:
            self._add(qid, part, phase_rad, frame=qid)
            self._now_ns[qid] = self._now_ns.get(qid, 0.0) + part.waveform.length_ns
            played_ns += part.waveform.length_ns
        return played_ns

    def tone(
        self, control: str, target: str, tone: CrossResonanceTone, length_ns: float, *, sign: float = 1.0
    ) -> None:
        """Play a cross-resonance tone on the lines of control and target, in the target's frame.

        Raises as `play`; the length must be playable on both lines.
        """
        self.align(control, target)
        played_ns = self.limits.pulse_on_grid(length_ns, control, target)
        if not played_ns:
            return
        self._require_length(length_ns, control, target)
        edge_ns = min(tone.rise_ns, played_ns / 2)
        waveform = Waveform("flat_top", played_ns, edge_ns=edge_ns)
        part = self._fit_part(control, waveform, sign * tone.amplitude, target)
        self._add(control, part, tone.phase_rad, frame=target, toward=target)
        beside = cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad) + tone.rotary_amplitude
        if beside:
            part = self._fit_part(target, waveform, sign * abs(beside), target)
            self._add(target, part, cmath.phase(beside), frame=target)
        for qid in (control, target):
            self._now_ns[qid] = self.now_ns(qid) + played_ns

    def gate(self, control: str, target: str, gate: ZX90) -> None:
        """Play an echoed ZX90: the tone, X180 of the control, the opposite tone, X180 of the control."""
        for sign in (1.0, -1.0):
            self.tone(control, target, gate.tone, gate.tone_ns, sign=sign)
            self.pulse(control, self.settings[control].x180)
            self.align(control, target)

    def read(self, *qids: str, frequency_ghz: float | None = None, amplitude: float | None = None) -> Program:
        """Read all of these at the same time and return the program.

        None stands for the value in use. The readout starts when all waits and the guard have passed; a wait after the
        last pulse counts toward the guard. If the readout would have to wait for its grid, everything is shifted later
        instead, so that pulses are as near to it as the grids allow. Raises `InvalidInputError` for a frequency or
        amplitude beyond the line.
        """
        ends_ns = [one.end_ns for one in self._plays if one.line in qids or one.toward in qids]
        ends_ns += [end_ns for qid, end_ns in self._idle_ends_ns.items() if qid in qids]
        guarded_ns = (end_ns + self.limits.readout.guard_ns for end_ns in ends_ns)
        free_ns = max(self.now_ns(*qids), *guarded_ns, 0.0)
        later_ns, start_ns = self._align_readout_ns(free_ns)
        plays = tuple(one.later(later_ns) for one in self._plays)
        return Program(
            plays, tuple(self._make_readout(qid, start_ns, frequency_ghz, amplitude) for qid in qids)
        )

    def _align_readout_ns(self, free_ns: float) -> tuple[float, float]:
        """Return the shift of all pulses, and the earliest start of the readout after them."""
        readout_ns = self.limits.readout.start_ns
        first_ns = round_up(free_ns, readout_ns)
        if not (self._plays or self._idle_ends_ns):
            return 0.0, first_ns
        grid_ns = self.limits.grid_ns(*self._now_ns)
        later_ns, start_ns = round_down(first_ns - free_ns, grid_ns), first_ns
        # Readout positions repeat on the grid of the lines after the common grid, which is one step if the
        # readout grid is finer.
        for step in range(1, round(find_common_grid_ns(grid_ns, readout_ns) / readout_ns)):
            other_ns = first_ns + step * readout_ns
            other_later_ns = round_down(other_ns - free_ns, grid_ns)
            if other_ns - other_later_ns < start_ns - later_ns - _ROUNDING_NS:
                later_ns, start_ns = other_later_ns, other_ns
        return later_ns, start_ns

    def _make_readout(
        self, qid: str, start_ns: float, frequency_ghz: float | None, amplitude: float | None
    ) -> Readout:
        in_use, limits = self.settings[qid], self.limits.readout
        frequency_ghz = in_use.readout_frequency_ghz if frequency_ghz is None else frequency_ghz
        amplitude = in_use.readout_amplitude if amplitude is None else amplitude
        ranges = self.limits.readout_frequencies_ghz(qid)
        require_within(ranges, frequency_ghz, line=f"readout line of qubit {qid}")
        if not 0 < amplitude <= limits.largest_amplitude + _ROUNDING:
            raise InvalidInputError(
                f"a readout of qubit {qid} with an amplitude of {amplitude:.4g}: it must be above 0 and at most {limits.largest_amplitude:g}"
            )
        return Readout(
            qid=qid,
            start_ns=start_ns,
            length_ns=in_use.readout_length_ns,
            frequency_ghz=frequency_ghz,
            amplitude=amplitude,
        )

    def _add(
        self, line: str, part: _Part, phase_rad: float, *, frame: str, toward: str | None = None
    ) -> None:
        self._plays.append(
            Play(
                line=line,
                start_ns=self._now_ns.get(line, 0.0),
                waveform=part.waveform,
                amplitude=part.amplitude,
                frequency_ghz=part.frequency_ghz,
                phase_rad=phase_rad + self._frame_rad.get(frame, 0.0),
                toward=toward,
            )
        )

    def _fit_part(
        self, line: str, waveform: Waveform, amplitude: float, frame: str, frequency_ghz: float | None = None
    ) -> _Part:
        """Return a shape with amplitude and frequency as played; reject those beyond the line."""
        frequency_ghz = self.settings[frame].drive_frequency_ghz if frequency_ghz is None else frequency_ghz
        self._require_tone(line, amplitude, frequency_ghz)
        return _Part(waveform, self.limits.line(line).amplitude_on_step(amplitude), frequency_ghz)

    def _require_tone(self, line: str, amplitude: float, frequency_ghz: float) -> None:
        """Reject an amplitude or a frequency beyond the line."""
        limits = self.limits.line(line)
        if abs(amplitude) > limits.largest_amplitude + _ROUNDING:
            raise InvalidInputError(
                f"an amplitude of {amplitude:.4g} on the line of qubit {line}: it plays at most {limits.largest_amplitude:g}"
            )
        require_within(limits.frequencies_ghz, frequency_ghz, line=f"line of qubit {line}")

    def _require_length(self, length_ns: float, *lines: str) -> None:
        """Reject a shaped pulse whose length one of these lines cannot play."""
        where = f"a pulse of {length_ns:g}\N{NO-BREAK SPACE}ns on the line of qubit {' and '.join(lines)}"
        longest_ns = min(self.limits.line(line).longest_pulse_ns for line in lines)
        if length_ns > longest_ns + _ROUNDING_NS:
            raise InvalidInputError(f"{where}: it plays at most {longest_ns:g}\N{NO-BREAK SPACE}ns")
        next_ns = self.limits.pulse_on_grid(length_ns, *lines)
        if abs(next_ns - length_ns) > _ROUNDING_NS:
            raise InvalidInputError(
                f"{where}: the next playable length is {next_ns:g}\N{NO-BREAK SPACE}ns, and a shaped pulse cannot be stretched: calibrate one with a length on the grid"
            )

    def _is_too_short(self, qid: str, gap_ns: float) -> bool:
        """Return whether a gap after an earlier pulse on the line would be too short."""
        return qid in self._now_ns and _ROUNDING_NS < gap_ns < self.limits.line(qid).shortest_gap_ns

    def _split_shape(self, qid: str, waveform: Waveform) -> tuple[Waveform, ...]:
        """Return a shape on the grid, empty for length 0; a long square becomes contiguous ones of similar length."""
        length_ns = self.limits.pulse_on_grid(waveform.length_ns, qid)
        if not length_ns:
            return ()
        if waveform.shape != "square":
            self._require_length(waveform.length_ns, qid)
            return (waveform,)
        parts_ns = self.limits.line(qid).split_pulse_ns(length_ns)
        return tuple(replace(waveform, length_ns=part_ns) for part_ns in parts_ns)


@lru_cache(maxsize=1024)
def _make_raised_cosine(length_ns: float, beta_ns: float) -> Waveform:
    """Return the shape of a pulse, cached because sequences are long."""
    return Waveform("cosine", length_ns, beta_ns=beta_ns)
