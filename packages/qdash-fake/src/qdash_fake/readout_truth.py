"""True readout amplitude of a signal-to-noise ratio, which depends on the readout frequency in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.steady_state import excited_before_readout
from qdash_fake.sampling import make_clouds
from qdash_tasks.laboratory.shots import Repetition

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.settings import Settings

_AMPLITUDES = np.geomspace(1e-4, 1.0, 400)


def compute_snr_amplitude(
    qubit: QubitTruth, settings: Settings, *, ratio: float, repetition: Repetition | None = None
) -> float | None:
    """Return the smallest amplitude at which shots have a signal-to-noise ratio, or None up to full scale.

    Both are of an undriven qubit: the distance of the mean point from the origin, and the deviation of both quadratures.
    """
    from scipy.optimize import brentq

    (excited,) = excited_before_readout(qubit, np.zeros(1), np.ones(1), repetition or Repetition())

    def excess(amplitude: float) -> float:
        where = make_clouds(qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=amplitude)
        in_one, between = where.mixing.weights(float(excited))
        usual = 1 - where.second_share
        moved = usual * (in_one + between / 2) * where.difference + where.second_share * where.second
        square = (
            usual * (in_one + between / 3) * abs(where.difference) ** 2
            + where.second_share * abs(where.second) ** 2
        )
        noise = np.sqrt(2 * where.noise**2 + square - abs(moved) ** 2)
        return float(abs(where.zero + moved) / noise) - ratio

    reached = [excess(amplitude) >= 0 for amplitude in _AMPLITUDES]
    if not any(reached) or reached[0]:
        return None
    first = reached.index(True)
    return float(brentq(excess, _AMPLITUDES[first - 1], _AMPLITUDES[first]))
