"""Conversion of the timelines of a payload to pulse programs: pulses of each line, and readout times of each
qubit.

A label names a line and its frequency: ``Q0`` the line of a qubit, ``Q0-Q1`` the same line at the frequency
of another qubit, ``Q0-ef`` its second transition, ``RQ0`` its readout. All other labels are refused.

A capture during a drive returns a mean over the window. It is approximated by `PROBES` moments of the window:
one program for each, which is read at that moment and whose pulses end there.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from qdash_core import InvalidInputError
from qdash_tasks.laboratory import Play, Program, Readout

from qubex_on_a_twin.shapes import divided, on_grid, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from qubex.backend.quel3 import (
        Quel3CaptureWindow,
        Quel3ExecutionPayload,
        Quel3FixedTimeline,
        Quel3Waveform,
        Quel3WaveformEvent,
    )

    from qubex_on_a_twin.shapes import Piece

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

CONTROL_NS, READOUT_NS = 0.4, 0.8
"""Sample times of control and readout lines."""
PROBES = 8
_SLACK_NS = 1e-6
_LABEL = re.compile(r"Q(?P<line>\d+)(?:-(?:Q(?P<toward>\d+)|(?P<ef>ef)))?")
_READ = re.compile(r"RQ(?P<qid>\d+)")


class Capture(NamedTuple):
    """A window of a readout line.

    Attributes
    ----------
    envelope
        Probe in each sample of the window, relative to its peak, complex, shape (samples,).
    start_ns
        Readout time of the qubit.
    shown_ns
        Start and end of the probe in the window.
    """

    label: str
    qid: str
    envelope: Complexes
    amplitude: float
    frequency_ghz: float
    start_ns: float
    shown_ns: tuple[float, float]

    def readout(self, start_ns: float) -> Readout:
        """Return the window as a readout that starts at a time."""
        return Readout(
            qid=self.qid,
            start_ns=start_ns,
            length_ns=self.envelope.size * READOUT_NS,
            frequency_ghz=self.frequency_ghz,
            amplitude=self.amplitude,
        )


class Translated(NamedTuple):
    """Translated payload: programs to average over, and the windows in the order of each program's readouts."""

    programs: tuple[Program, ...]
    captures: tuple[Capture, ...]


class _Driving(NamedTuple):
    """Time intervals of the pulses; there are hundreds in a program, and each readout queries them."""

    starts_ns: Floats
    ends_ns: Floats

    @classmethod
    def of(cls, plays: Sequence[Play]) -> _Driving:
        return cls(np.array([one.start_ns for one in plays]), np.array([one.end_ns for one in plays]))

    def between(self, begin_ns: float, end_ns: float) -> bool:
        """Return whether any pulse overlaps a time interval."""
        return bool(np.any((self.starts_ns < end_ns - _SLACK_NS) & (self.ends_ns > begin_ns + _SLACK_NS)))


def translated(payload: Quel3ExecutionPayload) -> Translated:
    """Return a payload as pulse programs.

    Raises
    ------
    InvalidInputError
        If a twin cannot play a label or an event; the message names the label.
    """
    plays: list[Play] = []
    reading: dict[str, Quel3FixedTimeline] = {}
    for label, timeline in payload.fixed_timelines.items():
        if timeline.capture_windows or _READ.fullmatch(label):
            reading[label] = timeline
        else:
            plays += _plays(label, timeline, payload)
    driving = _Driving.of(plays)
    captures = [
        one for label, timeline in reading.items() for one in _captures(label, timeline, payload, driving)
    ]
    if not captures:
        raise InvalidInputError("the payload captures nothing: no label has a capture window")
    captures.sort(key=lambda one: (one.label, one.start_ns))
    driven = [one for one in captures if driving.between(one.start_ns, one.shown_ns[1])]
    if not driven:
        return Translated((_program(plays, captures, [one.start_ns for one in captures]),), tuple(captures))
    if len({one.label for one in captures}) < len(captures):
        raise InvalidInputError(
            f"{driven[0].label}: a pulse lasts while it is captured, and it is captured more than once: "
            "the twin averages over a window only where there is one for each readout line"
        )
    return Translated(tuple(_at_moments(plays, captures)), tuple(captures))


def _plays(label: str, timeline: Quel3FixedTimeline, payload: Quel3ExecutionPayload) -> Iterator[Play]:
    pulses = list(_pulses(label, timeline, payload, CONTROL_NS))
    found = _LABEL.fullmatch(label)
    if not pulses:
        return
    if found is None:
        raise InvalidInputError(f"{label}: the twin has lines Q0, Q0-Q1, Q0-ef and RQ0, and none like this")
    line = str(int(found["line"]))
    toward = str(int(found["toward"])) if found["toward"] is not None else None
    frequency_ghz = _frequency_ghz(label, timeline)
    for start_ns, piece in pulses:
        yield Play(
            line=line,
            start_ns=start_ns,
            waveform=piece.waveform,
            amplitude=piece.amplitude,
            frequency_ghz=frequency_ghz,
            phase_rad=piece.phase_rad,
            toward=toward,
            transition="12" if found["ef"] else "01",
        )


def _pulses(
    label: str, timeline: Quel3FixedTimeline, payload: Quel3ExecutionPayload, grid_ns: float
) -> Iterator[tuple[float, Piece]]:
    """Yield start and pulse of each pulse of a timeline, with gains and phases of its events."""
    # Waveforms repeat with the same gains and phases.
    known: dict[tuple[str, float, float], tuple[Piece, ...]] = {}
    for event in timeline.events:
        start_ns = on_grid(event.start_offset_ns, grid_ns)
        key = event.waveform_name, event.gain, event.phase_offset_deg
        if key not in known:
            waveform = payload.waveform_library.get(event.waveform_name)
            if waveform is None:
                raise InvalidInputError(
                    f"{label}: there is no waveform {event.waveform_name!r} in the payload"
                )
            known[key] = tuple(_scaled(pieces(*_samples(waveform, grid_ns)), event)) if event.gain else ()
        for piece in known[key]:
            start = round((start_ns + piece.offset_ns) / grid_ns) * grid_ns
            if piece.amplitude > 1 + 1e-6:
                raise InvalidInputError(
                    f"{label}: an amplitude of {piece.amplitude:.4g} at {start:g} ns: full scale is 1"
                )
            yield start, piece


def _scaled(found: Sequence[Piece], event: Quel3WaveformEvent) -> Iterator[Piece]:
    """Yield the pieces of a waveform with the gain and the phase of an event."""
    turned, opposite = math.radians(event.phase_offset_deg), math.pi if event.gain < 0 else 0.0
    for piece in found:
        amplitude = float(f"{piece.amplitude * abs(event.gain):.9g}")
        yield piece._replace(amplitude=amplitude, phase_rad=piece.phase_rad + turned + opposite)


def _samples(waveform: Quel3Waveform, grid_ns: float) -> tuple[bytes, float]:
    values = np.ascontiguousarray(waveform.iq_array, np.complex128)
    return values.tobytes(), waveform.sampling_period_ns or grid_ns


def _frequency_ghz(label: str, timeline: Quel3FixedTimeline) -> float:
    if timeline.frequency_hz is None:
        raise InvalidInputError(f"{label}: the timeline has no frequency")
    return round(timeline.frequency_hz * 1e-9, 12)


def _captures(
    label: str, timeline: Quel3FixedTimeline, payload: Quel3ExecutionPayload, driving: _Driving
) -> Iterator[Capture]:
    found = _READ.fullmatch(label)
    if found is None:
        raise InvalidInputError(f"{label}: the twin captures on readout lines (RQ0), and on no other")
    probe = _probe(timeline, payload)
    peak = max((float(np.abs(part).max(initial=0.0)) for _, part in probe), default=0.0)
    free_ns = 0.0
    for window in sorted(timeline.capture_windows, key=lambda one: one.start_offset_ns):
        begin, count = _in_samples(window)
        envelope = _within(probe, begin, count) / (peak or 1.0)
        shown = np.flatnonzero(envelope)
        first, last = (int(shown[0]), int(shown[-1]) + 1) if shown.size else (0, count)
        shown_ns = ((begin + first) * READOUT_NS, (begin + last) * READOUT_NS)
        yield Capture(
            label,
            str(int(found["qid"])),
            envelope,
            peak if shown.size else 0.0,
            _frequency_ghz(label, timeline),
            shown_ns[0] if first or not shown.size else _probed_from(probe, begin, free_ns, driving),
            shown_ns,
        )
        free_ns = (begin + count) * READOUT_NS


def _probe(timeline: Quel3FixedTimeline, payload: Quel3ExecutionPayload) -> list[tuple[int, Complexes]]:
    """Return the waves sent to the resonator, in order of time: first sample and samples of each."""
    parts = []
    for event in timeline.events:
        waveform = payload.waveform_library[event.waveform_name]
        samples = (
            np.asarray(waveform.iq_array) * event.gain * np.exp(1j * math.radians(event.phase_offset_deg))
        )
        parts.append((round(on_grid(event.start_offset_ns, READOUT_NS) / READOUT_NS), samples))
    return sorted(parts, key=lambda one: one[0])


def _within(probe: Sequence[tuple[int, Complexes]], begin: int, count: int) -> Complexes:
    """Return the samples of a probe in a window."""
    found = np.zeros(count, np.complex128)
    for start, part in probe:
        low, high = max(begin, start), min(begin + count, start + part.size)
        if low < high:
            found[low - begin : high - begin] += part[low - start : high - start]
    return found


def _in_samples(window: Quel3CaptureWindow) -> tuple[int, int]:
    begin = round(on_grid(window.start_offset_ns, READOUT_NS) / READOUT_NS)
    return begin, max(1, round(on_grid(window.length_ns, READOUT_NS) / READOUT_NS))


def _probed_from(
    probe: Sequence[tuple[int, Complexes]], begin: int, free_ns: float, driving: _Driving
) -> float:
    """Return the readout time of a qubit whose probe is on at the start of the window, since a capture lags
    by the round trip.
    """
    since = begin
    for start, part in reversed(probe):
        before = part[: max(since - start, 0)]
        if start <= since <= start + part.size and before.size:
            off = np.flatnonzero(before == 0)
            since = start + (int(off[-1]) + 1 if off.size else 0)
    since_ns, start_ns = since * READOUT_NS, begin * READOUT_NS
    late = driving.between(since_ns, start_ns) or since_ns < free_ns
    return start_ns if late else since_ns


def _at_moments(plays: Sequence[Play], captures: Sequence[Capture]) -> Iterator[Program]:
    """Yield the programs that are read at several moments of each window, with the pulses up to then."""
    shares = (np.arange(PROBES) + 0.5) / PROBES
    moments_ns = {
        capture.qid: [_moment_ns(capture, share) for share in shares.tolist()] for capture in captures
    }
    latest_ns = [max(several) for several in zip(*moments_ns.values(), strict=True)]
    for index in range(PROBES):
        until_ns = {qid: times[: index + 1] for qid, times in moments_ns.items()}
        parts = [
            part for play in plays for part in _until(play, until_ns.get(play.line, latest_ns[: index + 1]))
        ]
        yield _program(parts, captures, [until_ns[capture.qid][-1] for capture in captures])


def _moment_ns(capture: Capture, share: float) -> float:
    begin_ns, end_ns = capture.shown_ns
    return on_grid(begin_ns + share * (end_ns - begin_ns), READOUT_NS)


def _until(play: Play, moments_ns: Sequence[float]) -> Iterator[Play]:
    """Yield the parts of a pulse that are played before the last of some times, split at these times."""
    if play.end_ns <= moments_ns[0] + _SLACK_NS:
        yield play
        return
    ends_ns = [round((min(one, play.end_ns) - play.start_ns) / CONTROL_NS) * CONTROL_NS for one in moments_ns]
    ends_ns = [one for one in dict.fromkeys(ends_ns) if one > _SLACK_NS]
    if ends_ns:
        for offset_ns, waveform in divided(play.waveform, ends_ns, CONTROL_NS):
            yield replace(play, start_ns=play.start_ns + offset_ns, waveform=waveform)


def _program(plays: Sequence[Play], captures: Sequence[Capture], starts_ns: Sequence[float]) -> Program:
    return Program(
        tuple(plays), tuple(one.readout(start) for one, start in zip(captures, starts_ns, strict=True))
    )
