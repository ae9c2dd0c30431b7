"""Shift of a DRAG optimum by a detuning of the drive, against the integrated Schrödinger equation of three levels."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_tasks.programs.drag_detuning import Detuning, compute_shift_ns_per_mhz
from qdash_tasks.programs.pulse_trains import HALF_PI, PI

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.programs.pulse_trains import Rotation

SLICES = 200
LOWERING = np.diag([1.0, math.sqrt(2)], 1)
NUMBER = np.diag([0.0, 1.0, 2.0])
THIRD = np.diag([0.0, 0.0, 1.0])
PER_MHZ = 2e-3 * math.pi
"""Angular rate in rad/ns of 1 MHz."""


def evolve(
    rotation: Rotation, length_ns: float, *, beta_ns: float, detuning_mhz: float, sign: int
) -> NDArray[np.complex128]:
    """Return the evolution of a transmon with -300 MHz under one raised-cosine pulse, (3, 3)."""
    turn = 2 * np.pi * (np.arange(SLICES) + 0.5) / SLICES
    peak = sign * 2 * rotation.angle_rad / length_ns
    drive = peak * ((1 - np.cos(turn)) / 2 + 1j * beta_ns * np.pi / length_ns * np.sin(turn))
    levels = PER_MHZ * (detuning_mhz * NUMBER - 300.0 * THIRD)
    coupling = drive.conj()[:, None, None] / 2 * LOWERING
    energies, states = np.linalg.eigh(levels + coupling + coupling.conj().swapaxes(1, 2))
    phases = np.exp(-1j * energies * length_ns / SLICES)
    steps = (states * phases[:, None, :]) @ states.conj().swapaxes(1, 2)
    return reduce(lambda total, step: step @ total, steps)


def find_optimum_ns(rotation: Rotation, length_ns: float, detuning_mhz: float) -> float:
    """Return the coefficient at which a pulse and its opposite excite least, from three nearby ones."""
    expected_ns = 1 / (2 * 300.0 * PER_MHZ)
    betas = expected_ns * np.array([0.8, 1.0, 1.2])
    excited = []
    for beta_ns in betas.tolist():
        there, back = (
            evolve(rotation, length_ns, beta_ns=beta_ns, detuning_mhz=detuning_mhz, sign=sign)
            for sign in (1, -1)
        )
        excited.append(abs((back @ there)[1, 0]) ** 2)
    curvature, slope, _ = np.polyfit(betas, excited, 2)
    return float(-slope / (2 * curvature))


@pytest.mark.parametrize("rotation", [HALF_PI, PI], ids=["π/2", "π"])
@pytest.mark.parametrize("length_ns", [20.0, 48.0])
def test_the_shift_of_the_optimum_is_that_of_three_levels(rotation: Rotation, length_ns: float) -> None:
    above, below = (find_optimum_ns(rotation, length_ns, mhz) for mhz in (0.02, -0.02))
    assert compute_shift_ns_per_mhz(rotation, length_ns) == pytest.approx((above - below) / 0.04, rel=0.03)


def test_a_result_allows_for_the_detuning_or_for_its_error_if_that_is_larger() -> None:
    assert Detuning(-0.02, 0.001).uncertainty_mhz == 0.02
    assert Detuning(0.0003, 0.001).uncertainty_mhz == 0.001
