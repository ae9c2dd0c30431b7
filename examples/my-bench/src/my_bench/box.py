"""Stand-in for a vendor's instrument: a signal generator and digitizer, with one transmon behind it. Replace
it by your own.

It receives samples, 1 per ns, and returns sums of I + iQ over a capture. Its output is
``Re[gain s(t) exp(i (2 pi f t + phase))]``, as that of most generators: the complex conjugate of how QDash writes a wave.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm

QUBIT_GHZ, ANHARMONICITY_MHZ, RESONATOR_GHZ = 4.9316, -287.0, 6.9013
T1_US, T2_US, THERMAL = 22.0, 26.0, 0.01
FULL_SCALE_MHZ = 130.0
"""Rabi frequency at full scale."""
CHI_MHZ, LINEWIDTH_MHZ, NOISE = 0.8, 1.6, 1.1
"""Noise of each quadrature in one sample, of full scale."""
MEMORY = 2**20
"""Total number of samples of the waveforms."""

LOWER = np.diag([1.0, np.sqrt(2.0)], 1)
# From |0> alone: with the third level in it the qubit would rest otherwise than it starts, and relax more slowly than T1_US.
EXCITE = np.diag([1.0, 0.0], -1)
NUMBER = np.arange(3)
JUMPS = (
    LOWER * np.sqrt((1 - THERMAL) / T1_US),
    EXCITE * np.sqrt(THERMAL / T1_US),
    np.diag(NUMBER) * np.sqrt(2 / T2_US - 1 / T1_US),
)
"""Jump operators for relaxation, excitation and dephasing, per square root of us."""
TURNED = np.subtract.outer(NUMBER, NUMBER).ravel()
"""Rotation rate of each element of the flattened density matrix with a frame."""


class BoxError(Exception):
    """Refusal by the box."""


class Pulse(NamedTuple):
    """A waveform and its first sample."""

    start: float
    waveform: int
    gain: float
    frequency_hz: float
    phase_rad: float


class Capture(NamedTuple):
    """A probe and its capture; start and length in samples."""

    start: float
    length: float
    frequency_hz: float
    gain: float


class Segment:
    """Pulses and captures of one shot, each in order of time."""

    def __init__(self):
        self.pulses, self.captures = [], []

    def play(self, start, waveform, gain, frequency_hz, phase_rad):
        """Play a waveform from a sample on."""
        self.pulses.append(Pulse(start, waveform, gain, frequency_hz, phase_rad))

    def capture(self, start, length, frequency_hz, gain):
        """Probe and capture the response, from a sample on for a number of samples."""
        self.captures.append(Capture(start, length, frequency_hz, gain))


class Box:
    """A session at the box.

    Parameters
    ----------
    address : str
        Where it is; `nowhere` does not answer.
    """

    def __init__(self, address: str, *, seed: int | None = 7) -> None:
        if address == "nowhere":
            raise BoxError(f"{address} does not answer")
        self._noise = np.random.default_rng(seed)
        self._waveforms = []
        self._armed = None

    def load(self, samples):
        """Load a waveform, complex samples of at most 1, and return its number."""
        if np.abs(samples).max() > 1 + 1e-9:
            raise BoxError("a sample is above full scale")
        if len(samples) + sum(length for _, length in self._waveforms) > MEMORY:
            raise BoxError(f"waveforms have at most {MEMORY} samples together")
        self._waveforms.append((_runs(samples), len(samples)))
        return len(self._waveforms) - 1

    def clear(self):
        """Forget all waveforms."""
        self._waveforms.clear()

    def arm(self, segments, *, shots, wait_us):
        """Prepare a number of shots of each segment, with a wait after each."""
        for segment in segments:
            self._require_playable(segment)
        self._armed = segments, shots, wait_us

    def acquire(self, *, average):
        """Play the prepared shots, and return the sum over each capture: per segment shape (shots, captures),
        averaged (1, captures).
        """
        segments, shots, wait_us = self._armed
        different = {(tuple(one.pulses), tuple(one.captures)): one for one in segments}
        chances = {key: self._chances(one, wait_us) for key, one in different.items()}
        found = [
            self._captured(one.captures, chances[tuple(one.pulses), tuple(one.captures)], shots)
            for one in segments
        ]
        return [one.mean(axis=0, keepdims=True) for one in found] if average else found

    def scan(self, probe_hz, length, gain, *, shots, wait_us):
        """Capture at one frequency after the other, without pulses: shape (frequencies, shots)."""
        segments = [Segment() for _ in probe_hz]
        for segment, frequency_hz in zip(segments, probe_hz.tolist(), strict=True):
            segment.capture(0, length, frequency_hz, gain)
        self.arm(segments, shots=shots, wait_us=wait_us)
        return np.concatenate(self.acquire(average=False), axis=1).T

    def close(self):
        """End the session."""
        self._armed = None

    def _require_playable(self, segment):
        events = [(one.start, self._waveforms[one.waveform][1], one.gain) for one in segment.pulses]
        events += [(one.start, one.length, one.gain) for one in segment.captures]
        free = 0
        for start, length, gain in sorted(events):
            if start != int(start) or length != int(length) or start < free:
                raise BoxError(
                    f"something at sample {start} for {length}: samples are whole, and one follows the other"
                )
            if abs(gain) > 1:
                raise BoxError(f"a gain of {gain}: full scale is 1")
            free = start + length

    def _chances(self, segment, wait_us):
        """Return the populations in each capture, by the level in the previous one, shape (captures, 3, 3)."""
        rest = np.array([1 - THERMAL, THERMAL, 0.0])
        begin, found = 0, []
        for capture in segment.captures:
            pulses = [one for one in segment.pulses if begin <= one.start < capture.start]
            starts = np.eye(3) if found else rest[None]
            ends = [self._played(pulses, _state(one), begin, capture.start) for one in starts]
            found.append(np.broadcast_to(ends, (3, 3)))
            begin = capture.start + capture.length
        # What the wait leaves of a shot is there in the next one.
        left = np.exp(-wait_us / T1_US) * (np.linalg.multi_dot([rest, *found, np.eye(3)]) - rest)
        if np.abs(left).max() > 1e-3:
            first = segment.captures[0]
            pulses = [one for one in segment.pulses if one.start < first.start]
            found[0] = np.broadcast_to(self._played(pulses, _state(rest + left), 0, first.start), (3, 3))
        return np.array(found)

    def _played(self, pulses, rho, now, end):
        """Return the populations after some pulses, from a state in the rotating frame of the qubit."""
        for pulse, before, after in zip(pulses, *self._frames(pulses), strict=True):
            if pulse.start > now:
                rho = _waited(pulse.start - now) @ rho
            runs, length = self._waveforms[pulse.waveform]
            rho = after * (_driven(runs, pulse.gain, pulse.frequency_hz) @ (before * rho))
            now = pulse.start + length
        populations = (_waited(end - now) @ rho).reshape(3, 3).diagonal().real.clip(0)
        return populations / populations.sum()

    def _frames(self, pulses):
        """Return the rotations from the frame of the qubit to that of each pulse's wave, and back."""
        starts = np.array([pulse.start for pulse in pulses])
        lengths = np.array([self._waveforms[pulse.waveform][1] for pulse in pulses])
        off_ghz = np.array([pulse.frequency_hz * 1e-9 - QUBIT_GHZ for pulse in pulses])
        at_start = 2 * np.pi * off_ghz * starts + np.array([pulse.phase_rad for pulse in pulses])
        at_end = at_start + 2 * np.pi * off_ghz * lengths
        return np.exp(1j * np.outer(at_start, TURNED)), np.exp(-1j * np.outer(at_end, TURNED))

    def _captured(self, captures, chances, shots):
        """Return each shot: the point of the measured level, with decay during the capture, and noise."""
        draw, level = self._noise, np.zeros(shots, dtype=int)
        found = np.empty((shots, len(captures)), dtype=complex)
        for place, (capture, chance) in enumerate(zip(captures, chances, strict=True)):
            level = (draw.random((shots, 1)) > np.cumsum(chance, axis=1)[level, :2]).sum(axis=1)
            # A strong probe excites and de-excites what it reads.
            lost = draw.random(shots) < (capture.gain / 0.8) ** 4
            level = np.where(lost, draw.integers(2, size=shots), level)
            stays = np.minimum(draw.exponential(T1_US * 1e3 / np.maximum(level, 1e-9)), capture.length)
            after = np.where(stays < capture.length, np.maximum(level - 1, 0), level)
            off_mhz = (capture.frequency_hz * 1e-9 - RESONATOR_GHZ) * 1e3 + 2 * CHI_MHZ * NUMBER
            points = capture.gain * np.exp(0.7j) * (1 - 0.9 / (1 + 2j * off_mhz / LINEWIDTH_MHZ))
            noise = draw.normal(0, NOISE * np.sqrt(capture.length), (2, shots))
            found[:, place] = points[level] * stays + points[after] * (capture.length - stays)
            found[:, place] += noise[0] + 1j * noise[1]
            level = after
        return found


def _runs(samples):
    """Return a waveform as values and the number of samples of each."""
    edges = np.flatnonzero(np.diff(samples)) + 1
    bounds = np.concatenate([[0], edges, [len(samples)]])
    return tuple(np.asarray(samples)[bounds[:-1]].tolist()), tuple(np.diff(bounds).tolist())


def _state(populations):
    """Return a state without coherence as a flattened density matrix."""
    return np.diag(populations).astype(complex).ravel()


@lru_cache(maxsize=4096)
def _driven(runs, gain, frequency_hz):
    """Return the map of a waveform in the frame of its own wave, on the flattened density matrix, shape (9,
    9).
    """
    values, lengths = runs
    # The conjugate: the output turns with exp(+2 pi i f t), and the qubit with exp(-2 pi i f t).
    rabi_mhz = FULL_SCALE_MHZ * gain * np.conj(values)
    off_mhz = round((QUBIT_GHZ - frequency_hz * 1e-9) * 1e3, 9)
    found = np.eye(9)
    for step in expm(_generator(off_mhz, rabi_mhz) * 1e-3 * np.array(lengths)[:, None, None]):
        found = step @ found
    return found


@lru_cache(maxsize=4096)
def _waited(samples):
    """Return the map of a time without pulses, in the frame of the qubit, shape (9, 9)."""
    return expm(_generator(0.0, np.zeros(1))[0] * samples * 1e-3)


def _generator(off_mhz, rabi_mhz):
    """Return d rho / dt per us under each drive, in its frame: H / h = off n + a n (n - 1) / 2 + (z b^+ + z* b) / 2."""
    still = np.diag(off_mhz * NUMBER + ANHARMONICITY_MHZ / 2 * NUMBER * (NUMBER - 1))
    drive = rabi_mhz[:, None, None] * LOWER.T + rabi_mhz.conj()[:, None, None] * LOWER
    one = np.eye(3)
    hamiltonian = 2 * np.pi * (still + drive / 2)
    found = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.transpose(0, 2, 1)))
    for jump in JUMPS:
        lost = jump.T @ jump
        found = found + np.kron(jump, jump) - (np.kron(lost, one) + np.kron(one, lost)) / 2
    return found
