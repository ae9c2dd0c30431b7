"""Traces that the model of a fit does not describe, or that few points describe, with the value that would be right.

A fit should refuse such a trace, or accept it with an error that contains the difference. The tests and the published
table of coverage use the same kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_analysis import (
    fit_drag,
    fit_qubit_spectroscopy,
    fit_ramsey,
    fit_rb,
    fit_readout_frequency,
    fit_resonator,
    fit_t1,
    fit_t2_echo,
)

from .coverage import Population, Truth
from .populations import log_uniform, perhaps_known
from .populations_of_resonators import KINDS as RESONATORS

if TYPE_CHECKING:
    from collections.abc import Callable

Drawn = tuple[tuple[Any, ...], dict[str, Any], dict[str, Truth]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class OutsideKind:
    """Kind of traces outside the model of a fit.

    Attributes
    ----------
    most_wrong
        Largest share of the traces that may be accepted with a value beyond five errors.
    least_accepted
        Least share of the traces that must be accepted, of those with a clear effect.
    """

    population: Population
    most_wrong: float
    least_accepted: float = 0.0


def _decay(
    rng: np.random.Generator, shape: Callable[[Floats], Floats], *, parameter: str = "t1", points: int = 0
) -> Drawn:
    """Draw a decay of a shape, a function of the delay over the time, with a noise of 0.5 to 3 % of the contrast."""
    time, sigma = log_uniform(rng, 5, 300), log_uniform(rng, 0.005, 0.03)
    u = rng.uniform(3, 5) * np.linspace(0, 1, points or int(rng.integers(41, 82)))
    y = rng.choice([-1, 1]) * shape(u) + rng.uniform(-1, 1) + rng.normal(0, sigma, u.size)
    return (time * u, y), {"sigma": sigma} if points else perhaps_known(rng, sigma), {parameter: time}


def two_times(rng: np.random.Generator, *, parameter: str = "t1") -> Drawn:
    """Draw a decay with a faster share."""
    share, fast = rng.uniform(0.1, 0.6), rng.uniform(0.05, 0.3)
    return _decay(rng, lambda u: share * np.exp(-u / fast) + (1 - share) * np.exp(-u), parameter=parameter)


def quasiparticles(rng: np.random.Generator) -> Drawn:
    """Draw a decay with quasiparticles (Pop et al., Nature 508, 369 (2014))."""
    number, fast = log_uniform(rng, 0.3, 2.0), rng.uniform(0.05, 0.3)
    return _decay(rng, lambda u: np.exp(-u + number * np.expm1(-u / fast)))


def slow_settling(rng: np.random.Generator) -> Drawn:
    """Draw a decay whose contrast settles."""
    share, settling = rng.uniform(0.4, 1.0), rng.uniform(0.06, 0.4)
    return _decay(rng, lambda u: np.exp(-u) * (1 - share * np.exp(-u / settling)))


def low_start(rng: np.random.Generator) -> Drawn:
    """Draw a decay whose first two to four points are low."""
    low, level = int(rng.integers(2, 5)), rng.uniform(0, 0.4)
    return _decay(rng, lambda u: np.where(np.arange(u.size) < low, level, np.exp(-u)))


def leaking_pulse(rng: np.random.Generator) -> Drawn:
    """Draw a decay with a share that begins in |2>, which falls to |1> twice as fast and is read as 1."""
    share = rng.uniform(0.02, 0.2)
    return _decay(rng, lambda u: (1 + share) * np.exp(-u) - share * np.exp(-2 * u))


def few_delays(rng: np.random.Generator) -> Drawn:
    """Draw a decay of six points."""
    return _decay(rng, lambda u: np.exp(-u), points=6)


def fringes(
    rng: np.random.Generator,
    *,
    weaker: tuple[float, float] | None = None,
    wander: Literal["white", "1/f"] | None = None,
    points: int = 0,
) -> Drawn:
    """Draw fringes of 3 to 12 periods over 1 to 2.5 decay times, noise 1 to 4 % of the amplitude.

    Parameters
    ----------
    weaker
        Range of the share of a second frequency, 0.5 to 6 periods of the window away; right are the values from the stronger
        frequency to the mean.
    wander
        The frequency differs from point to point, by 0.1 to 0.6 rad per decay time.
    """
    count, periods, decays = points or int(rng.integers(51, 102)), rng.uniform(3, 12), rng.uniform(1, 2.5)
    if points:
        periods = rng.uniform(1, 2.5)
    u, sigma = np.linspace(0, 1, count), log_uniform(rng, 0.01, 0.04)
    moved = np.zeros(count)
    if wander:
        moved = rng.normal(size=count) if wander == "white" else _draw_one_over_f(rng, count)
        moved *= log_uniform(rng, 0.1, 0.6) * decays / (2 * np.pi)
    share = 0.0 if weaker is None else rng.uniform(*weaker)
    apart = rng.choice([-1, 1]) * log_uniform(rng, 0.5, 6)
    phase = rng.uniform(0, 2 * np.pi)
    wave = sum(
        part * np.cos(2 * np.pi * (periods + away + moved) * u + phase)
        for part, away in ((1 - share, 0.0), (share, apart))
    )
    decay_law = rng.choice([1, 2])
    y = np.exp(-((decays * u) ** decay_law)) * wave + rng.uniform(-1, 1) + rng.normal(0, sigma, count)
    window = log_uniform(rng, 5, 300)
    stronger = periods + float(moved.mean())
    ends = (abs(stronger) / window, abs(stronger + share * apart) / window)
    known = {"sigma": sigma} if points else perhaps_known(rng, sigma)
    return (window * u, y), known, {"detuning": (min(ends), max(ends))}


def _draw_one_over_f(rng: np.random.Generator, count: int) -> Floats:
    """Return noise of unit variance whose power falls with the inverse frequency, without the frequency zero."""
    order = np.arange(1, count // 2 + 1)
    turns = np.outer(np.arange(count), order) / count
    parts = rng.normal(size=(2, order.size)) / np.sqrt(order)
    found = np.cos(2 * np.pi * turns) @ parts[0] + np.sin(2 * np.pi * turns) @ parts[1]
    return np.asarray(found / found.std())


def humps(rng: np.random.Generator) -> Drawn:
    """Draw the line of a square pulse that turns the qubit 0.8 to 2.2 times, in a window of 8 to 20 Rabi frequencies."""
    turns, rabi, count = rng.uniform(0.8, 2.2), rng.uniform(0.001, 0.004), int(rng.integers(41, 122))
    frequency, span = 5 + rng.uniform(-2, 2) * rabi, rng.uniform(8, 20) * rabi
    x = 5 + span * np.linspace(-0.5, 0.5, count)
    effective = np.sqrt(1 + ((x - frequency) / rabi) ** 2)
    sigma = log_uniform(rng, 0.01, 0.04)
    y = (np.sin(np.pi * turns * effective) / effective) ** 2 + rng.normal(0, sigma, count)
    return (x, y), perhaps_known(rng, sigma), {"frequency": frequency}


def optimum_outside(rng: np.random.Generator, *, numbers: int) -> Drawn:
    """Draw pairs of pulses whose optimum lies up to one window outside of the sweep."""
    few = int(rng.integers(2, 12))
    pairs = np.array([few, 2 * few + 1][-numbers:])
    x = np.linspace(0, 1, int(rng.integers(15, 42)))
    optimum = rng.choice([-1, 1]) * (0.5 + log_uniform(rng, 0.02, 1.0)) + 0.5
    turn, sigma = 2 * np.pi * rng.uniform(0.3, 1.0) / pairs.max(), log_uniform(rng, 0.01, 0.04)
    y = 0.5 - 0.5 * np.cos(pairs[:, None] * turn * (x - optimum))
    y = y + rng.normal(0, sigma, y.shape)
    return (x, y), {"repetitions": pairs.tolist(), **perhaps_known(rng, sigma)}, {"beta": optimum}


def sequences(rng: np.random.Generator, *, bad: bool) -> Drawn:
    """Draw five lengths, of five sequences, or of 8 to 20; one of these ends elsewhere."""
    each = int(rng.integers(8, 21)) if bad else 5
    lost, sigma = log_uniform(rng, 3e-4, 1e-2), log_uniform(rng, 0.002, 0.02)
    lengths = np.round(np.linspace(0.02, rng.uniform(1, 2), 5) / (2 * lost))
    x = np.repeat(lengths, each)
    y = 0.5 + 0.5 * (1 - 2 * lost) ** x + rng.normal(0, sigma, x.size)
    if bad:
        place = rng.integers(x.size)
        y[place] = 1 - y[place]
    known = rng.choice([{}, {"asymptote": 0.5}])
    return (x, y), {**perhaps_known(rng, sigma), **known}, {"error_per_clifford": lost}


def third_level(rng: np.random.Generator) -> Drawn:
    """Draw the resonances of |0> and |1>, with 1 to 5 % of the shots in |2> after both preparations."""
    share, sigma, place = rng.uniform(0.01, 0.05), log_uniform(rng, 0.002, 0.01), np.linspace(-0.5, 0.5, 81)
    frequency, width, moved = 6.0, 1e-3, rng.choice([-1, 1]) * rng.uniform(0.5e-3, 1.2e-3)
    x = frequency + moved / 2 + 8e-3 * place
    lines = [0.8 / (1 + 2j * (x - frequency - level * moved) / width) for level in range(3)]
    cable = np.exp(1j * (rng.uniform(0, 6.3) - 2 * np.pi * rng.uniform(0, 2) * place))
    traces = [
        cable * (1 - (1 - share) * ((1 - up) * lines[0] + up * lines[1]) - share * lines[2])
        + sigma * (rng.normal(size=x.size) + 1j * rng.normal(size=x.size))
        for up in (rng.uniform(0, 0.03), rng.uniform(0.9, 1.0))
    ]
    known = {"sigma0": sigma, "sigma1": sigma} if rng.random() < 0.5 else {}
    return (x, *traces), known, {"readout_frequency": frequency + moved / 2, "dispersive_shift": 1e3 * moved}


_T1 = (
    "time 5 to 300 µs, window 3 to 5 times, 41 to 81 points, noise 0.5 to 3 % of the contrast, known in half"
)
_FRINGES = (
    "3 to 12 periods over 1 to 2.5 decay times, envelope exponential or Gaussian, 51 to 101 points, noise 1 to 4 % of the "
    "amplitude, known in half"
)
_TURNS = "0.1 to 0.6 rad in a decay time"


def _t1(
    draw: Callable[[np.random.Generator], Drawn], ranges: str, *, wrong: float, accepted: float = 0.0
) -> OutsideKind:
    return OutsideKind(Population(fit_t1, draw, f"{ranges}; {_T1}"), wrong, accepted)


def _ramsey(ranges: str, *, wrong: float, accepted: float = 0.0, **given: Any) -> OutsideKind:
    return OutsideKind(
        Population(fit_ramsey, partial(fringes, **given), f"{ranges}; {_FRINGES}"), wrong, accepted
    )


OUTSIDE: dict[str, OutsideKind] = {
    "T1, two times": _t1(
        two_times, "10 to 60 % decay 3 to 20 times faster; right is the slow time", wrong=0.04
    ),
    "T1, quasiparticles": _t1(
        quasiparticles,
        "0.3 to 2 quasiparticles of 1/20 to 0.3 of the time; right is the time without them",
        wrong=0.02,
    ),
    "T1, slow settling": _t1(
        slow_settling, "40 to 100 % of the contrast return in 0.06 to 0.4 times", wrong=0.01
    ),
    "T1, low first points": _t1(
        low_start, "the first 2 to 4 points lie at 0 to 0.4 of the contrast", wrong=0.01
    ),
    "T1, leaking pulse": _t1(leaking_pulse, "2 to 20 % begin in |2>, which is read as 1", wrong=0.25),
    "echo, two times": OutsideKind(
        Population(fit_t2_echo, partial(two_times, parameter="t2_echo"), f"as T1; {_T1}"), 0.04
    ),
    "T1, six points": _t1(few_delays, "6 points, noise known", wrong=0.01, accepted=0.95),
    "Ramsey, two frequencies": _ramsey(
        "shares of 35 to 50 %, 0.5 to 6 periods of the window apart; right from the stronger one to the mean",
        wrong=0.01,
        weaker=(0.35, 0.5),
    ),
    "Ramsey, a weaker second frequency": _ramsey(
        "share of 10 to 35 %, 0.5 to 6 periods of the window away; right from the stronger one to the mean",
        wrong=0.01,
        weaker=(0.1, 0.35),
    ),
    "Ramsey, white wander": _ramsey(
        f"{_TURNS}, independent from point to point", wrong=0.01, accepted=0.9, wander="white"
    ),
    "Ramsey, 1/f wander": _ramsey(
        f"{_TURNS}, power as the inverse frequency; right is the mean of the sweep",
        wrong=0.02,
        accepted=0.8,
        wander="1/f",
    ),
    "Ramsey, two frequencies and 1/f wander": _ramsey(
        "both of these", wrong=0.02, weaker=(0.35, 0.5), wander="1/f"
    ),
    "Ramsey, eight points": _ramsey(
        "8 points, 1 to 2.5 periods, noise known", wrong=0.01, accepted=0.7, points=8
    ),
    "spectroscopy, humps": OutsideKind(
        Population(
            fit_qubit_spectroscopy,
            humps,
            "square pulse of 0.8 to 2.2 turns, window 8 to 20 Rabi frequencies, 41 to 121 points, noise 1 to 4 %",
        ),
        0.02,
    ),
    **{
        f"DRAG, optimum outside, {name} of pairs": OutsideKind(
            Population(
                fit_drag,
                partial(optimum_outside, numbers=numbers),
                "optimum 2 to 100 % of the window outside, 0.3 to 1 periods, 15 to 41 coefficients, noise 1 to 4 % of full scale",
            ),
            0.01,
        )
        for numbers, name in ((1, "one number"), (2, "two numbers"))
    },
    "RB, five lengths of five sequences": OutsideKind(
        Population(
            fit_rb,
            partial(sequences, bad=False),
            "error 3e-4 to 1e-2, 5 lengths to 1 to 2 decay lengths, noise 0.2 to 2 %",
        ),
        0.01,
        0.95,
    ),
    "RB, a bad sequence": OutsideKind(
        Population(
            fit_rb,
            partial(sequences, bad=True),
            "the same, 8 to 20 sequences of each, one with the other ending",
        ),
        0.02,
        0.95,
    ),
    **{
        f"resonator, {name}": OutsideKind(
            Population(
                fit_resonator, draw, "as the other populations of resonators; an offset is 5 % of the carrier"
            ),
            0.01,
            0.9,
        )
        for name, draw in RESONATORS.items()
    },
    "dispersive shift, third level": OutsideKind(
        Population(
            fit_readout_frequency,
            third_level,
            "1 to 5 % of the shots in |2>, which shifts the line twice as far; shift 0.5 to 1.2 linewidths, 81 points over 8 linewidths, "
            "carrier 100 to 500 times the noise",
        ),
        0.01,
        0.95,
    ),
}
"""Kinds by their names in the table of coverage."""
