"""Detuning of the drive beside a search for a DRAG coefficient: its measurement, and how far it moves the optimum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.declarations import declare_optional_input
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.cached_fits import fit_ramsey
from qdash_tasks.programs.decay_window import get_longest_delay_us
from qdash_tasks.programs.fringes import choose_fringe_mhz
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, add_to_first_call
from qdash_tasks.programs.projection import project_signals
from qdash_tasks.programs.resonance import ARTIFICIAL_MHZ, RESONANCE

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pulse_trains import Rotation

_NAME = "fringes"
FRINGE_TRACE = {_NAME: MeasurementDeclaration(Ramsey, "longer fringes, which show a detuning of a few kHz")}
"""Trace declared by tasks that use `add_fringes`."""
FRINGE_INPUT = {
    "t2_star": declare_optional_input("us", "sets the window of the fringes that show the detuning")
}
"""Input declared by these tasks."""
_ARTIFICIAL = "fringe_mhz"
_POINTS = 31
_USUAL_WINDOW_US, _LONGEST_WINDOW_US, _T2_STARS = 8.0, 20.0, 1.5
"""Window without a known T2*; longest one; window in units of a known T2*."""
_SLICES = 64


@dataclass(frozen=True, slots=True)
class Detuning:
    """Qubit frequency minus drive frequency in MHz, with its 1-sigma error."""

    value_mhz: float
    error_mhz: float

    @property
    def uncertainty_mhz(self) -> float:
        """Detuning that a result must allow for: the measured one, or its error if that is larger."""
        return max(abs(self.value_mhz), self.error_mhz)


def add_fringes(
    program: Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]],
    limits: Limits,
    t2_star_us: float | None,
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]]:
    """Run `program`; measure fringes over about T2* in its first call, and add their settings to its attributes."""
    window_us = _USUAL_WINDOW_US if t2_star_us is None else min(_T2_STARS * t2_star_us, _LONGEST_WINDOW_US)
    delays_us = np.linspace(0.0, min(window_us, get_longest_delay_us(limits)), _POINTS)
    artificial_mhz = choose_fringe_mhz(delays_us)
    attributes = yield from add_to_first_call({_NAME: Ramsey(delays_us, artificial_mhz)}, program)
    return {**attributes, _ARTIFICIAL: artificial_mhz}


def measure_detuning(raw: RawData) -> Detuning | None:
    """Return the detuning from fringes, or the short resonance trace; None if neither shows a single frequency.

    The error includes a significant wander of the frequency, because a later sweep has another mean.
    """
    artificial = {_NAME: float(raw.attributes.get(_ARTIFICIAL, 0.0)), RESONANCE: ARTIFICIAL_MHZ}
    for name, artificial_mhz in artificial.items():
        if f"{name}_iq" not in raw.arrays:
            continue
        try:
            (signal,) = project_signals(raw, (name,), x_name="delay")
        except AnalysisError:
            continue
        found = fit_ramsey(signal.x, signal.y, sigma=signal.sigma).parameters
        if "detuning" in found and found["detuning"].error is not None:
            wander_mhz = 1e-3 * found["wander"].value if "wander" in found else 0.0
            value_mhz = found["detuning"].value - artificial_mhz
            return Detuning(value_mhz, math.hypot(found["detuning"].error, wander_mhz))
    return None


def compute_shift_ns_per_mhz(rotation: Rotation, length_ns: float) -> float:
    """Return how far a detuning moves the optimal coefficient of a raised-cosine pulse, in ns per MHz.

    In the frame turned by ``beta W`` a pulse with coefficient beta is detuned by ``D - (beta - beta0) W^2``. A pulse and its
    opposite cancel if the mean of that, weighted by the cosine of the rotation angle from the middle of the pulse, vanishes:
    ``dbeta/dD = mean(cos) / mean(W^2 cos)``. The integrated Schrödinger equation of three levels gives the same within 3 %
    (20 to 64 ns, 200 and 330 MHz of anharmonicity).
    """
    part = (np.arange(_SLICES) + 0.5) / _SLICES
    rate = rotation.angle_rad / length_ns * (1 - np.cos(2 * np.pi * part))
    weight = np.cos(rotation.angle_rad * (part - 0.5 - np.sin(2 * np.pi * part) / (2 * np.pi)))
    return float(2e-3 * np.pi * weight.mean() / np.mean(rate**2 * weight))
