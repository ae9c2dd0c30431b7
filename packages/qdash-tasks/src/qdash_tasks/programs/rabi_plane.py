"""Geometry of a Rabi oscillation in the IQ plane: its axis, its middle, and the scatter about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import project
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData

_FITTED = 5
"""Number of parameters of a decaying oscillation."""


def describe_in_plane(raw: RawData, name: str, fit: FitResult) -> dict[str, Parameter]:
    """Return the parameters of the oscillation `name` in the IQ plane, fitted along its axis.

    They are amplitude, offset, phase, angle, noise and distance. The axis points from |0>, where the oscillation
    starts, to |1>. The error of its angle, from the scatter across it, is part of those of offset and distance.
    """
    iq, x = np.asarray(raw[f"{name}_iq"]), np.asarray(raw[f"{name}_duration"])
    amplitude, offset, phase = (fit.parameters[key] for key in ("amplitude", "offset", "phase"))
    found = project(iq)
    axis, centre = found.axis, found.origin
    across = ((iq - centre) * np.conj(axis)).imag
    # The sign of the axis is arbitrary; the ground state is the low end.
    forward = -1.0 if math.cos(phase.value) > 0 else 1.0
    middle = centre * axis.conjugate() * forward
    spread = float(np.std(across, ddof=2))
    turn = spread / float(np.sqrt(np.sum(found.y**2)))
    noise = math.sqrt(float(np.sum((found.y - fit.predict(x)) ** 2)) / (x.size - _FITTED))
    start = phase.value if forward > 0 else phase.value + math.pi
    return {
        "rabi_amplitude": Parameter(amplitude.value, amplitude.error, "a.u."),
        "rabi_offset": Parameter(
            middle.real + forward * offset.value, _add_error(offset.error, turn * abs(middle.imag)), "a.u."
        ),
        # About pi: there is no jump from 0 to 2 pi.
        "rabi_phase": Parameter(start % (2 * math.pi), phase.error, "rad"),
        "rabi_angle": Parameter(float(np.angle(forward * axis)), turn, "rad"),
        "rabi_noise": Parameter(noise, noise / math.sqrt(2 * (x.size - _FITTED)), "a.u."),
        "rabi_distance": Parameter(
            middle.imag, math.hypot(spread / math.sqrt(x.size), turn * abs(middle.real)), "a.u."
        ),
    }


def _add_error(error: float | None, more: float) -> float | None:
    return None if error is None else math.hypot(error, more)
