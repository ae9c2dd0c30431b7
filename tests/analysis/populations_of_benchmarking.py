"""Random sequences of known truth for the fits of randomized benchmarking; see `populations`."""

from __future__ import annotations

from typing import Any

import numpy as np

from qdash_analysis import fit_interleaved_rb, fit_rb

from .coverage import Population

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_STEPS = 16
_AMPLITUDE = 0.5


def coherent(rng: np.random.Generator, decay: Floats) -> Floats:
    """Return the z components of vectors spread by small random rotations, with the mean `decay`.

    Rotations by an angle t about random axes leave (1 + 2 cos t) / 3 of a vector on average, but preserve its
    length: single sequences scatter about the mean, increasingly so as they get longer.
    """
    angle = np.arccos(np.clip((3 * decay ** (1 / _STEPS) - 1) / 2, -1, 1))[:, None]
    vector = np.tile([0.0, 0.0, 1.0], (decay.size, 1))
    for _ in range(_STEPS):
        axis = rng.normal(size=vector.shape)
        axis /= np.linalg.norm(axis, axis=1, keepdims=True)
        along = np.sum(axis * vector, axis=1, keepdims=True) * axis
        vector = along + (vector - along) * np.cos(angle) + np.cross(axis, vector) * np.sin(angle)
    return vector[:, 2]


def sequences(
    rng: np.random.Generator,
    alpha: float,
    *,
    lengths: Floats,
    each: int = 20,
    sigma: float = 0.02,
    share: float = 0.0,
    amplitude: float = _AMPLITUDE,
) -> tuple[Floats, Floats]:
    """Return one point per sequence, shape ``(lengths * each,)``; coherent errors cause the share `share` of
    the decay.
    """
    x = np.repeat(lengths, each).astype(float)
    kept = coherent(rng, alpha ** (share * x)) if share else np.ones_like(x)
    return x, amplitude * alpha ** ((1 - share) * x) * kept + rng.normal(0, sigma, x.size)


def lost(rng: np.random.Generator) -> float:
    """Draw an alpha for an error per gate of 1e-5 to 5e-2."""
    return 1 - 2 * float(np.exp(rng.uniform(np.log(1e-5), np.log(5e-2))))


def geometric(alpha: float, *, windows: float, count: int = 12) -> Floats:
    """Return lengths in a geometric series, up to a number of decay lengths."""
    longest = max(windows / (1 - alpha), 2 * count)
    return np.unique(np.round(np.geomspace(max(longest / 64, 1), longest, count)))


def even(alpha: float, *, windows: float, count: int = 15) -> Floats:
    """Return equally spaced lengths from one to a number of decay lengths."""
    return np.unique(np.round(np.linspace(1, max(windows / (1 - alpha), 2 * count), count)))


def _share(rng: np.random.Generator, most: float = 1.0) -> float:
    return float(rng.choice([0.0, rng.uniform(0, most)]))


def known_asymptote(rng: np.random.Generator) -> Drawn:
    """Draw sequences that end in each state in turn."""
    alpha, sigma = lost(rng), float(rng.uniform(0.005, 0.03))
    x, y = sequences(
        rng,
        alpha,
        lengths=geometric(alpha, windows=rng.uniform(0.7, 2)),
        each=int(rng.integers(10, 31)),
        sigma=sigma,
        share=_share(rng),
        amplitude=rng.choice([-1, 1]) * rng.uniform(0.3, 0.6),
    )
    told = {"sigma": sigma} if rng.random() < 0.5 else {}
    return (x, y), {"asymptote": 0.0, **told}, {"error_per_clifford": (1 - alpha) / 2}


def free_asymptote(rng: np.random.Generator) -> Drawn:
    """Draw sequences that all end in one state."""
    alpha, sigma = lost(rng), float(rng.uniform(0.005, 0.02))
    lengths = even(alpha, windows=rng.uniform(3, 6))
    x, y = sequences(rng, alpha, lengths=lengths, sigma=sigma, share=_share(rng, 0.5))
    told = {"sigma": sigma} if rng.random() < 0.5 else {}
    return (x, y + rng.uniform(-3, 3)), told, {"error_per_clifford": (1 - alpha) / 2}


def _means_of(drawn: Drawn, *, each: int, told: bool) -> Drawn:
    """Draw one point per length, the mean of its sequences, with or without the noise of that mean."""
    (x, y), options, truth = drawn
    lengths = np.unique(x)
    means = y.reshape(lengths.size, each)
    if told:
        options = {**options, "sigma": means.std(axis=1, ddof=1) / np.sqrt(each)}
    return (lengths, means.mean(axis=1)), options, truth


def means_known_asymptote(rng: np.random.Generator) -> Drawn:
    """Draw means of sequences that end in each state in turn."""
    alpha, each = lost(rng), int(rng.integers(10, 31))
    drawn = sequences(
        rng,
        alpha,
        lengths=geometric(alpha, windows=rng.uniform(0.7, 2), count=int(rng.integers(8, 31))),
        each=each,
        sigma=float(rng.uniform(0.005, 0.03)),
        share=_share(rng, 0.3),
        amplitude=rng.choice([-1, 1]) * rng.uniform(0.3, 0.6),
    )
    truth = {"error_per_clifford": (1 - alpha) / 2}
    return _means_of((drawn, {"asymptote": 0.0}, truth), each=each, told=rng.random() < 0.5)


def means_free_asymptote(rng: np.random.Generator) -> Drawn:
    """Draw means of sequences that all end in one state."""
    alpha = lost(rng)
    lengths = even(alpha, windows=rng.uniform(3, 6), count=int(rng.integers(10, 31)))
    sigma = float(rng.uniform(0.005, 0.02))
    drawn = sequences(rng, alpha, lengths=lengths, sigma=sigma, share=_share(rng, 0.3))
    return _means_of((drawn, {}, {"error_per_clifford": (1 - alpha) / 2}), each=20, told=rng.random() < 0.5)


def interleaved(rng: np.random.Generator) -> Drawn:
    """Draw a reference, and sequences with a gate whose error is 0.2 to 5 times that of a Clifford."""
    alpha, share = lost(rng), _share(rng)
    gate = 1 - (1 - alpha) * float(np.exp(rng.uniform(np.log(0.2), np.log(5))))
    sigma = float(rng.uniform(0.005, 0.03))
    x, y = sequences(rng, alpha, lengths=geometric(alpha, windows=1.5), sigma=sigma, share=share)
    both = alpha * gate
    x_gate, y_gate = sequences(
        rng, both, lengths=geometric(both, windows=1.5), sigma=sigma, share=share, amplitude=0.98 * _AMPLITUDE
    )
    told = {"sigma": sigma, "sigma_interleaved": sigma} if rng.random() < 0.5 else {}
    options = {"x_interleaved": x_gate, "y_interleaved": y_gate, "asymptote": 0.0, **told}
    return (x, y), options, {"gate_fidelity": (1 + gate) / 2}


def _of_two_qubits(
    rng: np.random.Generator, alpha: float, *, share: float, amplitude: float, sigma: float
) -> tuple[Floats, Floats]:
    """Return one point per sequence, for few lengths; the loss to coherent errors has a gamma distribution
    about its mean.
    """
    longest = max(rng.uniform(0.7, 2) / (1 - alpha), 8.0)
    lengths = np.unique(np.round(np.geomspace(1, longest, int(rng.integers(6, 13)))))
    x = np.repeat(lengths, int(rng.integers(10, 31)))
    coherent_loss, spread = -share * x * np.log(alpha), rng.uniform(0.3, 1.0) ** 2
    drawn = np.exp(-coherent_loss * rng.gamma(1 / spread, spread, x.size))
    mean = (1 + spread * coherent_loss) ** (-1 / spread)
    return x, amplitude * alpha**x * drawn / mean + rng.normal(0, sigma, x.size)


def two_qubits(rng: np.random.Generator) -> Drawn:
    """Draw sequences of two-qubit Cliffords, half of them in each final state."""
    lost, sigma = float(np.exp(rng.uniform(np.log(0.003), np.log(0.1)))), float(rng.uniform(0.005, 0.03))
    given = _of_two_qubits(
        rng, 1 - lost * 4 / 3, share=_share(rng), amplitude=rng.uniform(0.4, 1.0), sigma=sigma
    )
    told = {"sigma": sigma} if rng.random() < 0.5 else {}
    return given, {"n_qubits": 2, "asymptote": 0.0, **told}, {"error_per_clifford": lost}


def interleaved_two_qubits(rng: np.random.Generator) -> Drawn:
    """Draw a reference, and sequences with a gate of 0.3 to 0.9 of the error of a Clifford."""
    lost, sigma = float(np.exp(rng.uniform(np.log(0.003), np.log(0.1)))), float(rng.uniform(0.005, 0.03))
    of_gate = lost * float(rng.uniform(0.3, 0.9))
    share, amplitude = _share(rng), rng.uniform(0.4, 1.0)
    alpha, gate = 1 - lost * 4 / 3, 1 - of_gate * 4 / 3
    given = _of_two_qubits(rng, alpha, share=share, amplitude=amplitude, sigma=sigma)
    x_gate, y_gate = _of_two_qubits(rng, alpha * gate, share=share, amplitude=0.98 * amplitude, sigma=sigma)
    told = {"sigma": sigma, "sigma_interleaved": sigma} if rng.random() < 0.5 else {}
    options = {"x_interleaved": x_gate, "y_interleaved": y_gate, "n_qubits": 2, "asymptote": 0.0, **told}
    return given, options, {"gate_fidelity": 1 - of_gate}


POPULATIONS: dict[str, Population] = {
    "fit_rb, known asymptote": Population(
        fit_rb,
        known_asymptote,
        "error 1e-5 to 5e-2 per Clifford, none to all of it coherent, 12 lengths to 0.7 to 2 decay lengths, 10 to 30 "
        "sequences of each, amplitude 10 to 120 times the noise",
    ),
    "fit_rb": Population(
        fit_rb,
        free_asymptote,
        "the same error, none to half of it coherent, 15 lengths to 3 to 6 decay lengths, 20 sequences of each, "
        "amplitude 25 to 100 times the noise",
    ),
    "fit_rb, means, known asymptote": Population(
        fit_rb,
        means_known_asymptote,
        "one point per length, the mean of 10 to 30 sequences, with their standard error or without; up to 30 % of the error coherent, 8 to 30 lengths to 0.7 to 2 decay lengths",
    ),
    "fit_rb, means": Population(
        fit_rb,
        means_free_asymptote,
        "one point per length, the mean of 20 sequences, with their standard error or without; up to 30 % of the error coherent, 10 to 30 lengths to 3 to 6 decay lengths",
    ),
    "fit_interleaved_rb": Population(
        fit_interleaved_rb,
        interleaved,
        "the same error, none to all of it coherent, error of the gate 0.2 to 5 times as large, 12 lengths to 1.5 decay "
        "lengths, 20 sequences of each, amplitude 17 to 100 times the noise",
    ),
    "fit_rb, two qubits": Population(
        fit_rb,
        two_qubits,
        "error 0.3 to 10 % per Clifford, none to all of it coherent, 5 to 12 lengths to 0.7 to 2 decay lengths and at "
        "least 8 Cliffords, 10 to 30 sequences of each, amplitude 13 to 200 times the noise, known asymptote",
    ),
    "fit_interleaved_rb, two qubits": Population(
        fit_interleaved_rb,
        interleaved_two_qubits,
        "the same, error of the gate 0.3 to 0.9 of that of a Clifford",
    ),
}
"""Populations by their names in the table of coverage."""
