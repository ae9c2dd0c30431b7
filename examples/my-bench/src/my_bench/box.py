"""Stands in for a vendor's instrument: a signal generator and digitizer, with one transmon behind it. Put your own in its place.

What it is sent are samples, 1 per ns; what it gives are sums of I + iQ over a capture. Its output is
``Re[gain s(t) exp(i (2 pi f t + phase))]``, as that of most generators: the complex conjugate of how QDash writes a wave.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import expm

QUBIT_GHZ, ANHARMONICITY_MHZ, RESONATOR_GHZ = 4.9316, -287.0, 6.9013
T1_US, T2_US, THERMAL = 22.0, 26.0, 0.01
FULL_SCALE_MHZ = 130.0
"""Rabi frequency at full scale."""
CHI_MHZ, LINEWIDTH_MHZ, NOISE = 0.8, 1.6, 1.1
"""Noise of each quadrature in one sample, of full scale."""
MEMORY = 2**20
"""Samples that the waveforms may have together."""

LOWER = np.diag([1.0, np.sqrt(2.0)], 1)
NUMBER = np.arange(3)
JUMPS = (
    LOWER * np.sqrt((1 - THERMAL) / T1_US),
    LOWER.T * np.sqrt(THERMAL / T1_US),
    np.diag(NUMBER) * np.sqrt(2 / T2_US - 1 / T1_US),
)
"""Relaxation, excitation, dephasing, per square root of us."""
TURNED = np.subtract.outer(NUMBER, NUMBER).ravel()
"""How fast each element of the flattened density matrix turns with a frame."""


class BoxError(Exception):
    """The box refused."""


@dataclass(frozen=True)
class Pulse:
    """A waveform that is played from a sample on."""

    start: float
    waveform: int
    gain: float
    frequency_hz: float
    phase_rad: float


@dataclass(frozen=True)
class Capture:
    """A probe, and what comes back of it; start and length in samples."""

    start: float
    length: float
    frequency_hz: float
    gain: float


@dataclass(frozen=True)
class Segment:
    """What is played in one shot, and the capture at its end."""

    pulses: tuple[Pulse, ...]
    capture: Capture


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
        """Make ready to play so many shots of each segment, each of which is followed by a wait."""
        for segment in segments:
            self._require_playable(segment)
        self._armed = segments, shots, wait_us

    def acquire(self, *, average):
        """Play what is armed, and return the sum over each capture, complex: shape (segments, shots), averaged (segments, 1)."""
        segments, shots, wait_us = self._armed
        ends = {segment: self._levels(segment, wait_us) for segment in dict.fromkeys(segments)}
        found = np.array([self._captured(segment.capture, ends[segment], shots) for segment in segments])
        return found.mean(axis=1, keepdims=True) if average else found

    def scan(self, probe_hz, length, gain, *, shots, wait_us):
        """Capture at one frequency after the other, without pulses: shape (frequencies, shots)."""
        captures = [Capture(0, length, frequency_hz, gain) for frequency_hz in probe_hz.tolist()]
        self.arm([Segment((), capture) for capture in captures], shots=shots, wait_us=wait_us)
        return self.acquire(average=False)

    def close(self):
        """End the session."""
        self._armed = None

    def _require_playable(self, segment):
        free = 0
        for pulse in segment.pulses:
            if pulse.start != int(pulse.start) or pulse.start < free:
                raise BoxError(
                    f"a pulse at sample {pulse.start}: starts are whole, and pulses follow each other"
                )
            if abs(pulse.gain) > 1:
                raise BoxError(f"a gain of {pulse.gain}: full scale is 1")
            free = pulse.start + self._waveforms[pulse.waveform][1]
        if segment.capture.start != int(segment.capture.start) or segment.capture.start < free:
            raise BoxError(
                f"a capture at sample {segment.capture.start}: it starts at a whole one, after all pulses"
            )

    def _levels(self, segment, wait_us):
        """Return the populations of the levels when the capture begins, shape (3,)."""
        rest = _state(np.array([1 - THERMAL, THERMAL, 0.0]))
        found = self._played(segment, rest)
        # What the wait leaves of a shot is there in the next one.
        kept = np.exp(-wait_us / T1_US)
        if kept > 1e-3:
            found = self._played(segment, rest + kept * (_state(_populations(found)) - rest))
        return _populations(found)

    def _played(self, segment, rho):
        """Return what becomes of a state, flattened, in the frame that turns with the qubit."""
        now = 0
        for pulse, before, after in zip(segment.pulses, *self._frames(segment.pulses), strict=True):
            if pulse.start > now:
                rho = _waited(pulse.start - now) @ rho
            runs, length = self._waveforms[pulse.waveform]
            rho = after * (_driven(runs, pulse.gain, pulse.frequency_hz) @ (before * rho))
            now = pulse.start + length
        return _waited(segment.capture.start - now) @ rho

    def _frames(self, pulses):
        """Return the turns from the frame of the qubit into that of each pulse's wave, and back."""
        starts = np.array([pulse.start for pulse in pulses])
        lengths = np.array([self._waveforms[pulse.waveform][1] for pulse in pulses])
        off_ghz = np.array([pulse.frequency_hz * 1e-9 - QUBIT_GHZ for pulse in pulses])
        at_start = 2 * np.pi * off_ghz * starts + np.array([pulse.phase_rad for pulse in pulses])
        at_end = at_start + 2 * np.pi * off_ghz * lengths
        return np.exp(1j * np.outer(at_start, TURNED)), np.exp(-1j * np.outer(at_end, TURNED))

    def _captured(self, capture, populations, shots):
        """Return what each shot gives: the point of the level that it finds, some of which decays meanwhile, and noise."""
        draw = self._noise
        level = np.searchsorted(np.cumsum(populations[:2]), draw.random(shots))
        # A strong probe excites and de-excites what it reads.
        lost = draw.random(shots) < (capture.gain / 0.8) ** 4
        level = np.where(lost, draw.integers(2, size=shots), level)
        length = capture.length
        stays = np.minimum(draw.exponential(T1_US * 1e3 / np.maximum(level, 1e-9)), length)
        off_mhz = (capture.frequency_hz * 1e-9 - RESONATOR_GHZ) * 1e3 + 2 * CHI_MHZ * NUMBER
        points = capture.gain * np.exp(0.7j) * (1 - 0.9 / (1 + 2j * off_mhz / LINEWIDTH_MHZ))
        noise = draw.normal(0, NOISE * np.sqrt(length), (2, shots))
        signal = points[level] * stays + points[np.maximum(level - 1, 0)] * (length - stays)
        return signal + noise[0] + 1j * noise[1]


def _runs(samples):
    """Return a waveform as values and for how many samples each holds."""
    edges = np.flatnonzero(np.diff(samples)) + 1
    bounds = np.concatenate([[0], edges, [len(samples)]])
    return tuple(np.asarray(samples)[bounds[:-1]].tolist()), tuple(np.diff(bounds).tolist())


def _state(populations):
    return np.diag(populations).astype(complex).ravel()


def _populations(rho):
    return rho.reshape(3, 3).diagonal().real.clip(0) / rho.reshape(3, 3).trace().real


@lru_cache(maxsize=4096)
def _driven(runs, gain, frequency_hz):
    """Return what a waveform does in the frame of its own wave, on the flattened density matrix, shape (9, 9)."""
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
    """Return what is left of a state after a time without pulses, in the frame of the qubit, shape (9, 9)."""
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
