"""Measurements of known truth on two coupled qubits; see `populations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_bell, fit_cr_tomography, fit_state_tomography, fit_zz

from .coupled_qubits import (
    BASES,
    BELL,
    confusion,
    counted,
    fringe_factors,
    imperfect_bell_state,
    pauli,
    target_under_tone,
)
from .coverage import Population

if TYPE_CHECKING:
    from collections.abc import Callable

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, float]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _vector(rng: np.random.Generator, low: float, high: float) -> Floats:
    """Draw a rotation vector mostly about an axis in the plane."""
    axis = rng.normal(size=3) * [1, 1, 0.4]
    return _log_uniform(rng, low, high) * axis / np.linalg.norm(axis)


def _rates(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the rotation vectors of both states: arbitrary, one nearly zero, nearly equal, or nearly opposite."""
    kind = rng.integers(4)
    if kind == 0:
        return _vector(rng, 0.05, 6), _vector(rng, 0.05, 6)
    if kind == 1:
        return _vector(rng, 0.2, 6), _vector(rng, 0.005, 0.05)
    common, apart = _vector(rng, 0.1, 5), _vector(rng, 0.01, 0.2)
    return (common + apart, common - apart) if kind == 2 else (common + apart, apart - common)


def tone(rng: np.random.Generator) -> Drawn:
    """Draw a tone that rotates the faster state by most of a turn up to many turns."""
    return _tone(rng, few=False)


def short_tone(rng: np.random.Generator) -> Drawn:
    """Draw a tone that rotates the faster state by less than half a turn."""
    return _tone(rng, few=True)


def _tone(rng: np.random.Generator, *, few: bool) -> Drawn:
    zero, one = _rates(rng)
    fastest = float(max(np.linalg.norm(zero), np.linalg.norm(one)))
    turns = rng.uniform(0.15, 0.4) if few else rng.uniform(0.8, 12)
    window = float(np.clip(turns / fastest, 0.2, 3.0))
    points = max(int(rng.integers(21, 82)), int(window * fastest / 0.4) + 2)
    x = rng.uniform(0.02, 0.04) + window * np.linspace(0, 1, points)
    truth = {}
    for axis, first, second in zip("xyz", zero, one, strict=True):
        truth["z" + axis], truth["i" + axis] = float(first - second) / 2, float(first + second) / 2
    control_t1, target_t1, target_t2 = rng.uniform(50, 300, 3)
    path = target_under_tone(
        x + rng.uniform(-0.02, 0.02),
        truth,
        control_t1_us=control_t1,
        target_t1_us=target_t1,
        target_t2_us=min(target_t2, 2 * target_t1),
        wrong=_log_uniform(rng, 0.003, 0.03),
        edges_rad=rng.normal(0, 0.006, (2, 3)),
        beside_us=max(rng.normal(0.03, 0.017), 0.0),
    )
    sigma = _log_uniform(rng, 0.01, 0.05)
    offset = np.repeat(rng.normal(0, 0.02, 2), 3)[:, None]
    y = rng.uniform(0.9, 1.02) * path + offset + rng.normal(0, sigma, path.shape)
    return (1e3 * x, y), {"sigma": sigma} if rng.random() < 0.5 else {}, truth


def fringes(rng: np.random.Generator, *, control_t1_known: bool) -> Drawn:
    """Draw fringes whose difference the window resolves or not."""
    window, points = _log_uniform(rng, 3, 80), int(rng.integers(41, 102))
    x = window * np.linspace(0.02, 1, points)
    artificial = rng.uniform(3, 0.3 * points) / window * rng.choice([-1, 1])
    zeta = min(_log_uniform(rng, 0.05, 2.0) / window, 0.5 * abs(artificial)) * rng.choice([-1, 1])
    detuning = rng.normal(0, 0.1) * artificial
    control_t1 = max(rng.uniform(50, 300), window / 3)
    factors = fringe_factors(
        x,
        (artificial + detuning, artificial + detuning + zeta),
        control_t1_us=control_t1,
        wrong=_log_uniform(rng, 0.003, 0.03),
    )
    share, u = rng.choice([0.0, 1.0, rng.random()]), rng.uniform(0.3, 2.0) * x / window
    phase = rng.uniform(0, 6.3) + np.array([[0], [rng.normal(0, 0.1)]])
    wave = np.exp(-share * u - (1 - share) * u**2) * (factors * np.exp(1j * phase)).real
    sigma = 1 / _log_uniform(rng, 12, 100)
    y = rng.uniform(-2, 2) + wave + rng.normal(0, sigma, wave.shape)
    told = {"sigma": sigma} if rng.random() < 0.5 else {}
    known = {"control_t1_us": control_t1} if control_t1_known else {}
    truth = {"static_zz_interaction": zeta, "detuning_control_0": detuning}
    return (x, y), {"artificial_mhz": artificial, **known, **told}, truth


def nearly_pure(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Draw a Bell state mixed with up to 1 % of other states."""
    return (1 - (mixed := rng.uniform(0, 0.01))) * np.outer(BELL, BELL) + mixed * np.eye(4) / 4


def _counts(
    rng: np.random.Generator, bases: list[str], state: Callable[..., Any]
) -> tuple[tuple[Any, Any], Any]:
    rho = state(rng)
    shots, calibration = (int(_log_uniform(rng, 300, 8000)) for _ in range(2))
    counts = counted(rng, rho, confusion(rng), bases=bases, shots=shots, calibration=calibration)
    return counts, rho


def bell(rng: np.random.Generator, state: Callable[..., Any] = imperfect_bell_state) -> Drawn:
    """Draw the counts of three correlations."""
    given, rho = _counts(rng, ["XX", "YY", "ZZ"], state)
    truth = {"bell_state_fidelity": float((BELL @ rho @ BELL).real)}
    truth["correlation_yy"] = float(np.trace(rho @ pauli("YY")).real)
    return given, {}, truth


def tomography(rng: np.random.Generator, state: Callable[..., Any] = imperfect_bell_state) -> Drawn:
    """Draw the counts of all nine bases."""
    given, rho = _counts(rng, BASES, state)
    truth = {
        "bell_state_fidelity": float((BELL @ rho @ BELL).real),
        "purity": float(np.trace(rho @ rho).real),
        "concurrence": wootters(rho),
    }
    return given, {}, truth


def _fidelity_alone(drawn: Drawn) -> Drawn:
    """Return the population restricted to the fidelity, for estimates that are unbiased only in the middle of
    their range.
    """
    given, options, truth = drawn
    return given, options, {"bell_state_fidelity": truth["bell_state_fidelity"], "purity": truth["purity"]}


def wootters(rho: np.ndarray[Any, Any]) -> float:
    """Return the concurrence of a state (Wootters)."""
    flip = pauli("YY")
    roots = np.sort(np.sqrt(np.maximum(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip).real, 0)))
    return float(max(roots[3] - roots[:3].sum(), 0.0))


_TONE = (
    "rates 0.05 to 6 MHz about any axis, one state at 5 to 50 kHz, or both rates nearly equal or opposite; T1 and T2 50 to 300 µs, "
    "control in the wrong state in 0.3 to 3 %, rise offset up to 20 ns and edges that rotate by some mrad about any axis, 30 ± 17 ns after the tone in which rotations about Z continue, 21 points and more, noise 0.01 to 0.05"
)
_FRINGES = (
    "3 to 80 µs, zeta 0.05 to 2 periods in the window, T1 of the control 50 to 300 µs, control in the wrong state in 0.3 to 3 %, "
    "envelope exponential, Gaussian or mixed, 41 to 101 points, amplitude 12 to 100 times the noise"
)
_SHOTS = "readout errors of 0.3 to 6 % per qubit, some correlated, 300 to 8,000 shots per basis and, drawn independently, per calibrated state"
_COUNTS, _NEAR = f"fidelity 0.8 to 1, {_SHOTS}", f"fidelity 0.9925 to 1, {_SHOTS}"

POPULATIONS: dict[str, Population] = {
    "fit_cr_tomography": Population(fit_cr_tomography, tone, f"0.8 to 12 rotations in 0.2 to 3 µs, {_TONE}"),
    "fit_cr_tomography, less than a turn": Population(
        fit_cr_tomography, short_tone, f"0.15 to 0.4 of a rotation in 0.2 to 3 µs, {_TONE}"
    ),
    "fit_zz": Population(fit_zz, lambda rng: fringes(rng, control_t1_known=True), _FRINGES),
    "fit_zz, unknown T1": Population(
        fit_zz,
        lambda rng: fringes(rng, control_t1_known=False),
        "the same, T1 of the control not given",
    ),
    "fit_bell": Population(fit_bell, bell, _COUNTS),
    "fit_bell, near 1": Population(fit_bell, lambda rng: bell(rng, nearly_pure), _NEAR),
    "fit_state_tomography": Population(fit_state_tomography, tomography, _COUNTS),
    "fit_state_tomography, near 1": Population(
        fit_state_tomography, lambda rng: _fidelity_alone(tomography(rng, nearly_pure)), _NEAR
    ),
}
"""Populations by their names in the table of coverage."""
