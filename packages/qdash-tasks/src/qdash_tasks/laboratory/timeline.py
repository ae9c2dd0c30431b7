"""A pulse program as it is put together: each line has a time of its own, and a frame that virtual turns about z move.

Times are rounded up to the grid of each line as they come, so that what is said of a program is what is played.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.limits import not_below
from qdash_tasks.laboratory.program import Play, Program, Readout, Waveform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Pulse
    from qdash_tasks.laboratory.settings import Settings

_ROUNDING_NS = 1e-6


@dataclass(slots=True)
class Timeline:
    """One program in the making.

    Parameters
    ----------
    settings
        In use, by qubit.
    limits
        Of the laboratory that will play it.
    """

    settings: Mapping[str, Settings]
    limits: Limits
    _plays: list[Play] = field(default_factory=list, init=False)
    _now_ns: dict[str, float] = field(default_factory=dict, init=False)
    _frame_rad: dict[str, float] = field(default_factory=dict, init=False)

    def now_ns(self, *qids: str) -> float:
        """Return the time at which the lines of all of these are free."""
        return max(self._now_ns.get(qid, 0.0) for qid in qids)

    def align(self, *qids: str) -> None:
        """Let the lines of all of these wait for the last one."""
        latest_ns = self.now_ns(*qids)
        for qid in qids:
            self.wait(qid, latest_ns - self.now_ns(qid))

    def wait(self, qid: str, time_ns: float) -> float:
        """Leave a line alone, and return the time that it is left alone: the shortest it can be, but not below."""
        line = self.limits.line(qid)
        gap_ns = 0.0 if time_ns < _ROUNDING_NS else max(time_ns, line.shortest_gap_ns)
        played_ns = not_below(gap_ns, line.start_ns)
        self._now_ns[qid] = self.now_ns(qid) + played_ns
        return played_ns

    def turn(self, qid: str, angle_rad: float) -> None:
        """Turn a qubit about z: a virtual Z, which is the phase of all that is played at its frequency from now on."""
        self._frame_rad[qid] = self._frame_rad.get(qid, 0.0) - angle_rad

    def pulse(self, qid: str, pulse: Pulse, *, phase_rad: float = 0.0) -> None:
        """Play a raised-cosine pulse at the drive frequency in use; phase 0 turns about +x, pi/2 about +y."""
        waveform = Waveform("cosine", pulse.length_ns, beta_ns=pulse.beta_ns)
        self.play(qid, waveform, pulse.amplitude, phase_rad=phase_rad)

    def play(
        self,
        qid: str,
        waveform: Waveform,
        amplitude: float,
        *,
        phase_rad: float = 0.0,
        frequency_ghz: float | None = None,
    ) -> float:
        """Play a shape on a qubit's line, and return its length; `frequency_ghz` None: the drive frequency in use."""
        length_ns = self.limits.on_grid(qid, waveform.length_ns)
        for part in self._parts(qid, replace(waveform, length_ns=length_ns)):
            self._add(qid, part, amplitude, phase_rad=phase_rad, frame=qid, frequency_ghz=frequency_ghz)
            self._now_ns[qid] = self.now_ns(qid) + part.length_ns
        return length_ns

    def tone(
        self, control: str, target: str, tone: CrossResonanceTone, length_ns: float, *, sign: float = 1.0
    ) -> None:
        """Play a cross-resonance tone on the control's line, and what goes with it on the target's, in the target's frame."""
        self.align(control, target)
        played_ns = max(self.limits.on_grid(qid, length_ns) for qid in (control, target))
        edge_ns = min(tone.rise_ns, played_ns / 2)
        waveform = Waveform("flat_top", played_ns, edge_ns=edge_ns)
        self._add(
            control, waveform, sign * tone.amplitude, phase_rad=tone.phase_rad, frame=target, toward=target
        )
        beside = cmath.rect(tone.cancel_amplitude, tone.cancel_phase_rad) + tone.rotary_amplitude
        if beside:
            self._add(target, waveform, sign * abs(beside), phase_rad=cmath.phase(beside), frame=target)
        for qid in (control, target):
            self._now_ns[qid] = self.now_ns(qid) + played_ns

    def gate(self, control: str, target: str, gate: ZX90) -> None:
        """Play an echoed ZX90: the tone, X180 of the control, the opposite tone, X180 of the control."""
        for sign in (1.0, -1.0):
            self.tone(control, target, gate.tone, gate.tone_ns, sign=sign)
            self.pulse(control, self.settings[control].x180)
            self.align(control, target)

    def read(self, *qids: str, frequency_ghz: float | None = None, amplitude: float | None = None) -> Program:
        """Read all of these at the same time, and return the program; None: frequency or amplitude in use."""
        start_ns = not_below(self.now_ns(*qids), self.limits.readout.start_ns)
        readouts = (
            Readout(
                qid=qid,
                start_ns=start_ns,
                length_ns=self.settings[qid].readout_length_ns,
                frequency_ghz=self.settings[qid].readout_frequency_ghz
                if frequency_ghz is None
                else frequency_ghz,
                amplitude=self.settings[qid].readout_amplitude if amplitude is None else amplitude,
            )
            for qid in qids
        )
        return Program(tuple(self._plays), tuple(readouts))

    def _add(
        self,
        line: str,
        waveform: Waveform,
        amplitude: float,
        *,
        phase_rad: float,
        frame: str,
        frequency_ghz: float | None = None,
        toward: str | None = None,
    ) -> None:
        step = self.limits.line(line).amplitude_step
        self._plays.append(
            Play(
                line=line,
                start_ns=self.now_ns(line),
                waveform=waveform,
                amplitude=round(amplitude / step) * step if step else amplitude,
                frequency_ghz=self.settings[frame].drive_frequency_ghz
                if frequency_ghz is None
                else frequency_ghz,
                phase_rad=phase_rad + self._frame_rad.get(frame, 0.0),
                toward=toward,
            )
        )

    def _parts(self, qid: str, waveform: Waveform) -> list[Waveform]:
        """Return a long square as several that touch, where the line cannot play it in one."""
        longest_ns = self.limits.line(qid).longest_pulse_ns
        if waveform.shape != "square" or waveform.length_ns <= longest_ns:
            return [waveform]
        whole, rest_ns = divmod(waveform.length_ns, longest_ns)
        lengths_ns = [longest_ns] * int(whole) + [rest_ns] * (rest_ns > _ROUNDING_NS)
        return [replace(waveform, length_ns=length_ns) for length_ns in lengths_ns]
