"""From samples to pulses: which shape each stretch of a sampled waveform has, at which peak and phase.

qubex sends samples, often a whole sequence in one array. A twin works out equal pulses once, so they are found again in
the samples. What has no known shape is kept as it is (`Sampled`): slower, and just as right.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from qdash_tasks.laboratory.program import Waveform
from scipy.interpolate import make_interp_spline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

_SAME = 1e-7
"""Of the peak: what is rounding, where samples are those of a shape."""
_DIGITS = 10
_SHORTEST = 5
"""Fewer samples would be those of any shape."""
_LARGE = 4096
"""Samples beyond which a shape is not remembered: sequences in one array are megabytes, and seldom come again."""
_JUMP, _WEAK = 0.2, 0.3
_MOST_CUTS = 40


class Piece(NamedTuple):
    """One pulse of a sampled waveform: peak and phase as factors of a shape of unit peak."""

    offset_ns: float
    waveform: Waveform
    amplitude: float
    phase_rad: float


@dataclass(frozen=True, slots=True)
class Sampled(Waveform):
    """Any shape, given by samples at the middle of each sample period and smooth in between.

    `shape` says which formulas for the area of a pulse hold roughly; only hidden errors of the twin's gates follow them.
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
    """Return the pulses in samples (complex128 as bytes), in the order of time; zeros in between are no pulse."""
    samples = np.frombuffer(values, np.complex128)
    return tuple(
        piece._replace(offset_ns=(begin + round(piece.offset_ns / sample_ns)) * sample_ns)
        for begin, end in _runs(samples)
        for piece in _divided(samples[begin:end], sample_ns)
    )


def divided(
    waveform: Waveform, ends_ns: Sequence[float], sample_ns: float
) -> Iterator[tuple[float, Waveform]]:
    """Yield the beginning of a shape in parts that end at these times, which rise: offset (ns) and shape of each.

    Parts that several programs share are worked out once. A constant is one part: it is no work.
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
    """Return a time on a grid, later if need be, as the instruments do."""
    return math.ceil(time_ns / grid_ns - 1e-3) * grid_ns


def _runs(samples: Complexes) -> Iterator[tuple[int, int]]:
    """Yield where samples that are not zero begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], samples != 0, [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _divided(run: Complexes, sample_ns: float) -> Iterator[Piece]:
    """Yield the pulses of a run without zeros: the whole if it is one, else each the shortest that has a known shape."""
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
    """Return where the pulse ends that begins there, and the pulse; one of no known shape goes to the next valley."""
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
    """Return where the wave is weak, and weaker than before and after: between which samples."""
    size = np.abs(run)
    pair = np.concatenate([[np.inf], size[:-1] + size[1:], [np.inf]])
    here = pair[1:-1]
    low = (here < pair[:-2]) & (here <= pair[2:]) & (here < _WEAK * size.max())
    inside = np.flatnonzero(low) + 1
    return inside[(inside >= _SHORTEST) & (inside <= run.size - _SHORTEST)].tolist()


def _edges(run: Complexes) -> list[int]:
    """Return between which samples the wave jumps."""
    size = np.abs(run)
    jumps = np.abs(np.diff(run)) > _JUMP * np.maximum(np.maximum(size[:-1], size[1:]), _WEAK * size.max())
    return (np.flatnonzero(jumps) + 1).tolist()


def _normalised(samples: Complexes, sample_ns: float) -> Piece | None:
    """Look a pulse up by its shape alone, whatever its peak and phase; None: the shape is not known."""
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
    """Return the known shape that samples of unit peak have, if any."""
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
    """Recognise a constant, and one that turns at a constant rate."""
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
    """Recognise raised-cosine edges around a constant; how long they are follows from their samples."""
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
    # The steepest sample tells the length of the edge best.
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
    """Return a shape with the DRAG coefficient that samples have, if they are of that shape."""
    in_phase = plain.samples(sample_ns)
    slope = Waveform(plain.shape, plain.length_ns, plain.edge_ns, beta_ns=1.0).samples(sample_ns).imag
    fitted = _fitted(samples, in_phase.real, slope)
    if fitted is None:
        return None
    factor, beta_ns = fitted
    waveform = Waveform(plain.shape, plain.length_ns, plain.edge_ns, beta_ns=round(beta_ns, 7) + 0.0)
    return Piece(0.0, waveform, abs(factor), float(np.angle(factor)))


def _fitted(samples: Complexes, in_phase: Floats, slope: Floats) -> tuple[complex, float] | None:
    """Return factor and DRAG coefficient with which samples are those of a shape; None: they are not."""
    basis = np.stack([in_phase, 1j * slope], axis=-1)
    (factor, times_beta), *_ = np.linalg.lstsq(basis, samples, rcond=None)
    if np.abs(basis @ np.array([factor, times_beta]) - samples).max() > _SAME or not abs(factor):
        return None
    ratio = times_beta / factor
    if abs(ratio.imag) > 1e-5 * max(1.0, abs(ratio.real)):
        return None
    return complex(factor), float(ratio.real)
