"""Sampling of shots: from populations to points in the IQ plane, averaged or one by one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.mismatch import draw_wander
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.readout import ReadoutTransitions

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clouds:
    """Clouds of shots at the readout settings in use.

    Attributes
    ----------
    zero, difference
        Centre of |0>, and that of |1> minus it, complex, shape () or (n,) when the readout frequency is swept.
    noise
        Standard deviation of one shot in each quadrature.
    wander
        Standard deviation of the relative gain along a sweep.
    lost
        Probability that a point, or a single shot, holds noise alone.
    second, second_share
        Centre of |2> minus that of |0>, and its probability.
    """

    zero: NDArray[np.complex128]
    difference: NDArray[np.complex128]
    noise: float
    mixing: ReadoutTransitions
    wander: float = 0.0
    lost: float = 0.0
    second: NDArray[np.complex128] = field(default_factory=lambda: np.zeros((), dtype=np.complex128))
    second_share: float = 0.0

    def on_plane(self, factor: complex) -> Clouds:
        """Return the clouds in an IQ plane scaled and rotated by a factor, noise included."""
        return replace(
            self,
            zero=self.zero * factor,
            difference=self.difference * factor,
            noise=self.noise * abs(factor),
            second=self.second * factor,
        )


def make_clouds(
    qubit: QubitTruth,
    *,
    frequency_ghz: float | Floats,
    amplitude: float,
    waited_us: Floats | float = 0.0,
) -> Clouds:
    """Return the clouds of `qubit` for a readout at that frequency and amplitude, a time after the last pulse."""

    def transmit(level: int) -> NDArray[np.complex128]:
        return amplitude * qubit.resonator.transmission(frequency_ghz, excited=level)

    return place_clouds(
        qubit,
        transmit,
        frequency_ghz=frequency_ghz,
        noise=qubit.readout.noise,
        amplitude=amplitude,
        waited_us=waited_us,
    )


def place_clouds(
    qubit: QubitTruth,
    transmit: Callable[[int], NDArray[np.complex128]],
    *,
    frequency_ghz: float | Floats,
    noise: float,
    amplitude: float,
    waited_us: Floats | float = 0.0,
) -> Clouds:
    """Return the clouds of `qubit`, from the signal that each level transmits."""
    zero = qubit.chain.receive(transmit(0), frequency_ghz)

    def displace(level: int) -> NDArray[np.complex128]:
        if qubit.readout.dead:
            return np.zeros_like(zero)
        shown = qubit.chain.receive(transmit(level), frequency_ghz) - zero
        return np.asarray(shown * qubit.chain.settle(waited_us)) if qubit.chain.unsettled else shown

    return Clouds(
        zero,
        displace(1),
        noise,
        qubit.readout.transitions_at(amplitude),
        qubit.mismatch.wander,
        qubit.chain.lost,
        displace(2) if qubit.third_level else np.zeros_like(zero),
        qubit.third_level,
    )


def sample_averages(
    x: Floats,
    excited: Floats,
    where: Clouds,
    *,
    shots: int,
    rng: np.random.Generator,
    shift: Floats | float = 0.0,
) -> Trace:
    """Sample the mean of `shots` shots at each point, without simulation of single shots.

    The number of shots in each cloud is binomial, the mean of their noise normal: exactly the distribution of explicit
    shots, but for the uniform positions of those that decayed.

    Sweep and excited population just before readout have the shape (n,); `shift` is along the line between the centres,
    in units of their distance.
    """
    in_one, between = where.mixing.weights(excited)  # type: ignore[arg-type] # the formula holds for arrays too
    n_second = rng.binomial(shots, where.second_share, x.shape) if where.second_share else 0
    n_one = rng.binomial(shots - n_second, np.clip(in_one, 0.0, 1.0))
    n_between = rng.binomial(
        shots - n_second - n_one, np.clip(between / np.maximum(1 - in_one, 1e-12), 0.0, 1.0)
    )
    return _compute_mean(x, n_one, n_between, where, n_second=n_second, shots=shots, rng=rng, shift=shift)


def sample_joint_averages(
    x: Floats, populations: Floats, where: Sequence[Clouds], *, shots: int, rng: np.random.Generator
) -> list[Trace]:
    """Sample the means of `shots` shots of qubits that are read at the same time.

    All traces come from the same shots, so correlated qubits scatter together. Populations of 00, 01, 10 and 11 just
    before readout have the shape (n, 4), likewise of more qubits, the first most significant.
    """
    chances = np.clip(populations, 0.0, None)
    states = rng.multinomial(shots, chances / chances.sum(axis=-1, keepdims=True))
    weights = 2 ** np.arange(len(where))[::-1]
    ones = (states[:, np.arange(2 ** len(where)) & weight > 0].sum(axis=-1) for weight in weights)
    return [
        _average_counts(x, count, read, shots=shots, rng=rng) for count, read in zip(ones, where, strict=True)
    ]


def estimate_noise_from_blocks(trace: Trace, *, shots: int, rng: np.random.Generator) -> Trace:
    """Return a trace whose noise is estimated from the means of blocks of shots (`Trace.from_blocks`).

    The estimated covariance of normal means is Wishart, sampled from the true one.
    """
    blocks = min(PulseLaboratory.blocks, max(shots, 2))
    i_sigma, q_sigma = trace.sigma.real, trace.sigma.imag
    # Lower triangle of the true covariance matrix.
    mixed = trace.covariance / i_sigma
    rest = np.sqrt(np.maximum(q_sigma**2 - mixed**2, 0.0))
    i_off, other = rng.standard_normal((2, blocks - 1, *trace.iq.shape))
    i_off, q_off = i_sigma * i_off, mixed * i_off + rest * other
    i_found, q_found = (np.sqrt(np.mean(off**2, axis=0)) for off in (i_off, q_off))
    return replace(trace, sigma=i_found + 1j * q_found, covariance=np.mean(i_off * q_off, axis=0))


def _average_counts(
    x: Floats, ones: NDArray[np.int64], where: Clouds, *, shots: int, rng: np.random.Generator
) -> Trace:
    """Sample the mean of shots, given the number (n,) that find the qubit in |1>."""
    stay, between = where.mixing.weights(1.0)
    excited, _ = where.mixing.weights(0.0)
    zeros = shots - ones
    if where.second_share:
        ones, zeros = (rng.binomial(count, 1 - where.second_share) for count in (ones, zeros))
    n_stay = rng.binomial(ones, stay)
    n_between = rng.binomial(ones - n_stay, np.clip(between / max(1 - stay, 1e-12), 0.0, 1.0))
    n_one = n_stay + rng.binomial(zeros, excited)
    return _compute_mean(x, n_one, n_between, where, n_second=shots - ones - zeros, shots=shots, rng=rng)


def _compute_mean(
    x: Floats,
    n_one: NDArray[np.int64],
    n_between: NDArray[np.int64],
    where: Clouds,
    *,
    n_second: NDArray[np.int64] | int,
    shots: int,
    rng: np.random.Generator,
    shift: Floats | float = 0.0,
) -> Trace:
    """Return the mean of shots, given the numbers in the cloud of |1>, between the clouds, and in that of |2>."""
    uniform = rng.standard_normal(x.shape) * np.sqrt(n_between / 12)
    position = (n_one + n_between / 2 + uniform) / shots
    noise = where.noise / np.sqrt(shots) * (rng.standard_normal(x.shape) + 1j * rng.standard_normal(x.shape))
    iq = where.zero + where.difference * (position + shift) + where.second * (n_second / shots) + noise
    if where.wander:
        iq *= 1 + where.wander * draw_wander(x.size, rng).reshape(x.shape)
    if where.lost:
        iq = np.where(rng.random(x.shape) < where.lost, noise, iq)
    spread = np.maximum((n_one + n_between / 3) / shots - position**2, 0.0)
    degrees = max(shots - 1, 1)
    one, two, share = where.difference, where.second, n_second / shots

    def correlate(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
        """Return the covariance of a and b along the line between the centres, and of c and d towards |2>: a shot is in one cloud."""
        return np.asarray(spread * a * b + share * (1 - share) * c * d - position * share * (a * d + b * c))

    i_spread, q_spread = (correlate(a, a, c, c) for a, c in ((one.real, two.real), (one.imag, two.imag)))
    i_variance = (where.noise**2 + i_spread) / degrees
    q_variance = (where.noise**2 + q_spread) / degrees
    covariance = correlate(one.real, one.imag, two.real, two.imag) / degrees
    return Trace(x, iq, np.sqrt(i_variance) + 1j * np.sqrt(q_variance), covariance)


def sample_single_shots(
    excited: float | Floats, where: Clouds, *, shots: int, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return every shot, shape (shots,), complex, a.u., given the probability of |1> for all or for each."""
    in_one, between = where.mixing.weights(excited)  # type: ignore[arg-type] # the formula holds for arrays too
    kind = rng.random(shots)
    # A decay leaves the point anywhere between the clouds: the draw that chose it is uniform over that choice.
    position = np.clip((in_one + between - kind) / np.maximum(between, 1e-12), 0.0, 1.0)
    noise = where.noise * rng.standard_normal((shots, 2)).view(np.complex128)[:, 0]
    signal = where.zero + where.difference * position
    if where.second_share:
        signal = np.where(rng.random(shots) < where.second_share, where.zero + where.second, signal)
    if where.lost:
        signal = np.where(rng.random(shots) < where.lost, 0.0, signal)
    return np.asarray(signal + noise)
