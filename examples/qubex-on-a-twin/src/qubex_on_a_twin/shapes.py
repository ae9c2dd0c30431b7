"""Recognition of pulses in samples: shape, peak and phase of each part of a sampled waveform.

qubex sends samples, often a whole sequence in one array. A twin computes equal pulses once, so they are
recovered from the samples. An unknown shape is kept as it is (`Sampled`): slower, but as accurate.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from qdash_tasks.laboratory import Waveform
from scipy.interpolate import make_interp_spline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

_SAME = 1e-7
"""Tolerance for rounding of samples of a known shape, relative to the peak."""
_DIGITS = 10
_SHORTEST = 5
"""Least number of samples; fewer would fit any shape."""
_LARGE = 4096
"""Number of samples above which a shape is not cached: sequences in one array are megabytes, and rarely
repeat.
"""
_JUMP, _WEAK = 0.2, 0.3
_MOST_CUTS = 40


class Piece(NamedTuple):
    """One pulse of a sampled waveform: a shape of unit peak, scaled by peak and phase."""

    offset_ns: float
    waveform: Waveform
    amplitude: float
    phase_rad: float


@dataclass(frozen=True, slots=True)
class Sampled(Waveform):
    """Arbitrary shape, given by samples at the middle of each sample period and smooth in between.

    `shape` selects the formulas for the area of a pulse that hold approximately; only hidden errors of the
    twin's gates depend on them.
    """

    values: bytes = b""
    sample_ns: float = 0.4

    def at(self, times_ns: Floats) -> Complexes:
        """Return the shape at times from its start, same shape, complex."""
        real, imaginary = _splines(self.values, self.sample_ns)
        shape = real(times_ns) + 1j * imaginary(times_ns)
        return np.asarray(shape * np.exp(1j * (self.turn_rad - 2 * np.pi * self.sideband_ghz * times_ns)))

    def mirrored(self) -> Waveform:
        """Return the complex conjugate."""
        values = np.frombuffer(self.values, np.complex128).conj().tobytes()
        return Sampled(
            self.shape,
            self.length_ns,
            turn_rad=-self.turn_rad,
            sideband_ghz=-self.sideband_ghz,
            values=values,
            sample_ns=self.sample_ns,
        )


@lru_cache(maxsize=1024)
def _splines(values: bytes, sample_ns: float):
    samples = np.frombuffer(values, np.complex128)
    middle = (np.arange(samples.size) + 0.5) * sample_ns
    degree = min(3, samples.size - 1)
    return make_interp_spline(middle, samples.real, degree), make_interp_spline(middle, samples.imag, degree)


@lru_cache(maxsize=64)
def pieces(values: bytes, sample_ns: float) -> tuple[Piece, ...]:
    """Return the pulses in samples (complex128 as bytes), in order of time; zeros separate pulses."""
    samples = np.frombuffer(values, np.complex128)
    return tuple(
        piece._replace(offset_ns=(begin + round(piece.offset_ns / sample_ns)) * sample_ns)
        for begin, end in _runs(samples)
        for piece in _divided(samples[begin:end], sample_ns)
    )


def divided(
    waveform: Waveform, ends_ns: Sequence[float], sample_ns: float
) -> Iterator[tuple[float, Waveform]]:
    """Yield the start of a shape in parts that end at these increasing times: offset (ns) and shape of each.

    Parts shared by several programs are computed once. A constant is one part, since it costs nothing.
    """
    if waveform.shape == "square":
        yield 0.0, replace(waveform, length_ns=ends_ns[-1])
        return
    samples = waveform.samples(sample_ns)
    begin = 0
    for end_ns in ends_ns:
        end = round(end_ns / sample_ns)
        yield begin * sample_ns, _sampled(samples[begin:end], sample_ns)
        begin = end


def on_grid(time_ns: float, grid_ns: float) -> float:
    """Return a time rounded up to a grid, as the instruments do."""
    return math.ceil(time_ns / grid_ns - 1e-3) * grid_ns


def _runs(samples: Complexes) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of non-zero samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], samples != 0, [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _divided(run: Complexes, sample_ns: float) -> Iterator[Piece]:
    """Yield the pulses of a run without zeros: the whole run if its shape is known, otherwise the shortest
    parts of known shape.
    """
    whole = _normalised(run, sample_ns)
    if whole is not None:
        yield whole
        return
    valleys, edges = _valleys(run), _edges(run)
    near = {one + off for one in valleys for off in (-1, 0, 1)}
    cuts = [one for one in sorted(near | set(edges)) if 0 < one < run.size] + [run.size]
    begin = 0
    while begin < run.size:
        end, found = _next(run, begin, cuts, valleys, sample_ns)
        yield found._replace(offset_ns=begin * sample_ns)
        begin = end


def _next(
    run: Complexes, begin: int, cuts: list[int], valleys: list[int], sample_ns: float
) -> tuple[int, Piece]:
    """Return the end of the pulse that starts at an index, and the pulse; one of unknown shape extends to the
    next valley.
    """
    first = bisect_right(cuts, begin)
    for end in cuts[first : first + _MOST_CUTS]:
        found = _normalised(run[begin:end], sample_ns)
        if found is not None:
            return end, found
    end = next((one for one in valleys if one >= begin + _SHORTEST), run.size)
    samples = run[begin:end]
    return end, Piece(
        0.0, _sampled(samples / np.abs(samples).max(), sample_ns), float(np.abs(samples).max()), 0.0
    )


def _valleys(run: Complexes) -> list[int]:
    """Return the local minima of the amplitude, as the indices between samples."""
    size = np.abs(run)
    pair = np.concatenate([[np.inf], size[:-1] + size[1:], [np.inf]])
    here = pair[1:-1]
    low = (here < pair[:-2]) & (here <= pair[2:]) & (here < _WEAK * size.max())
    inside = np.flatnonzero(low) + 1
    return inside[(inside >= _SHORTEST) & (inside <= run.size - _SHORTEST)].tolist()


def _edges(run: Complexes) -> list[int]:
    """Return the jumps of the wave, as the indices between samples."""
    size = np.abs(run)
    jumps = np.abs(np.diff(run)) > _JUMP * np.maximum(np.maximum(size[:-1], size[1:]), _WEAK * size.max())
    return (np.flatnonzero(jumps) + 1).tolist()


def _normalised(samples: Complexes, sample_ns: float) -> Piece | None:
    """Look up a pulse by its shape alone, independent of peak and phase; return None if the shape is unknown."""
    total = samples.sum()
    peak = float(np.abs(samples).max())
    phase = float(np.angle(total if abs(total) > _SAME * peak else samples[np.abs(samples).argmax()]))
    shape = np.round(samples / peak * np.exp(-1j * phase), _DIGITS)
    known = _shape if shape.size <= _LARGE else _shape.__wrapped__
    found = known(shape.tobytes(), sample_ns)
    if found is None:
        return None
    amplitude = float(f"{found.amplitude * peak:.9g}")
    return found._replace(amplitude=amplitude, phase_rad=found.phase_rad + phase)


def _sampled(samples: Complexes, sample_ns: float) -> Waveform:
    if samples.size == 1 or np.ptp(samples.real) + np.ptp(samples.imag) < _SAME:
        return Waveform("square", samples.size * sample_ns, turn_rad=float(np.angle(samples[0])))
    return Sampled("cosine", samples.size * sample_ns, values=samples.tobytes(), sample_ns=sample_ns)


@lru_cache(maxsize=4096)
def _shape(values: bytes, sample_ns: float) -> Piece | None:
    """Return the known shape of samples of unit peak, or None."""
    samples = np.frombuffer(values, np.complex128)
    if samples.size < _SHORTEST:
        return None
    return (
        _square(samples, sample_ns)
        or _cosine(samples, sample_ns)
        or _flat_top(samples, sample_ns)
        or (_gaussian(samples, sample_ns))
    )


def _square(samples: Complexes, sample_ns: float) -> Piece | None:
    """Recognise a constant, or one whose phase advances at a constant rate."""
    if np.abs(np.abs(samples) - 1).max() > _SAME:
        return None
    steps = samples[1:] * samples[:-1].conj()
    if np.abs(steps - steps[0]).max() > 10 * _SAME:
        return None
    length_ns = samples.size * sample_ns
    turn = float(np.angle(steps.sum()))
    if abs(turn) * samples.size < _SAME:
        return Piece(0.0, Waveform("square", length_ns), 1.0, float(np.angle(samples[0])))
    sideband_ghz = round(-turn / (2 * np.pi * sample_ns), _DIGITS)
    start_rad = float(np.angle(samples[0])) - turn / 2
    return Piece(0.0, Waveform("square", length_ns, sideband_ghz=sideband_ghz), 1.0, start_rad)


def _cosine(samples: Complexes, sample_ns: float) -> Piece | None:
    return _with_drag(samples, sample_ns, Waveform("cosine", samples.size * sample_ns))


def _flat_top(samples: Complexes, sample_ns: float) -> Piece | None:
    """Recognise raised-cosine edges around a constant; the samples determine the length of the edges."""
    middle = samples[samples.size // 2]
    risen = np.real(samples / middle)
    inside = np.flatnonzero(np.abs(samples - middle) < _SAME)
    if not inside.size or not 1 <= inside[0] <= samples.size // 2:
        return None
    count = inside[0]
    lower = risen[:count]
    if np.any((lower <= 0) | (lower >= 1)):
        return None
    times_ns = (np.arange(count) + 0.5) * sample_ns
    # The steepest sample gives the best estimate of the edge length.
    best = int(np.abs(lower - 0.5).argmin())
    edge_ns = round(math.pi * times_ns[best] / math.acos(1 - 2 * lower[best]), 7)
    return _with_drag(samples, sample_ns, Waveform("flat_top", samples.size * sample_ns, edge_ns=edge_ns))


def _gaussian(samples: Complexes, sample_ns: float) -> Piece | None:
    """Recognise the library's usual DRAG pulse, a Gaussian of four standard deviations lowered to zero at its ends."""
    length_ns = samples.size * sample_ns
    times_ns = (np.arange(samples.size) + 0.5) * sample_ns
    sigma_ns = length_ns / 4
    bell = np.exp(-0.5 * ((times_ns - length_ns / 2) / sigma_ns) ** 2)
    lowered = (bell - math.exp(-2)) / (1 - math.exp(-2))
    slope = (length_ns / 2 - times_ns) / sigma_ns**2 * bell / (1 - math.exp(-2))
    if _fitted(samples, lowered, slope) is None:
        return None
    return Piece(0.0, _sampled(samples, sample_ns), 1.0, 0.0)


def _with_drag(samples: Complexes, sample_ns: float, plain: Waveform) -> Piece | None:
    """Return a shape with the DRAG coefficient of samples, or None if they do not have that shape."""
    in_phase = plain.samples(sample_ns)
    slope = Waveform(plain.shape, plain.length_ns, plain.edge_ns, beta_ns=1.0).samples(sample_ns).imag
    fitted = _fitted(samples, in_phase.real, slope)
    if fitted is None:
        return None
    factor, beta_ns = fitted
    waveform = Waveform(plain.shape, plain.length_ns, plain.edge_ns, beta_ns=round(beta_ns, 7) + 0.0)
    return Piece(0.0, waveform, abs(factor), float(np.angle(factor)))


def _fitted(samples: Complexes, in_phase: Floats, slope: Floats) -> tuple[complex, float] | None:
    """Return factor and DRAG coefficient that fit samples to a shape, or None if they do not have that shape."""
    basis = np.stack([in_phase, 1j * slope], axis=-1)
    (factor, times_beta), *_ = np.linalg.lstsq(basis, samples, rcond=None)
    if np.abs(basis @ np.array([factor, times_beta]) - samples).max() > _SAME or not abs(factor):
        return None
    ratio = times_beta / factor
    if abs(ratio.imag) > 1e-5 * max(1.0, abs(ratio.real)):
        return None
    return complex(factor), float(ratio.real)
