"""Steady state of many shots: initial and final populations of a shot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.shots import Repetition

    Floats = NDArray[np.float64]


def passive_start_population(
    from_ground: Floats,
    from_excited: Floats,
    *,
    thermal: float,
    wait_us: float,
    t1_us: float,
) -> Floats:
    """Return the excited population at the start of a shot in the steady state of passive reset.

    A shot that starts with P ends with ``m = g + (e - g) P``, and the next one starts with ``P = th + (m - th) W``,
    ``W = exp(-wait / T1)``: for a T1 trace ``m = E / (1 + E W)``, not an exponential. Transitions caused by the readout
    are neglected.

    g and e are the excited populations of each point at the end of the sequence for a start in |0> and in |1>, th the
    thermal one.
    """
    memory = np.exp(-wait_us / t1_us)
    start = (thermal * (1 - memory) + memory * from_ground) / (1 - memory * (from_excited - from_ground))
    return np.asarray(start)


def excited_before_readout(
    qubit: QubitTruth, from_ground: Floats, from_excited: Floats, repetition: Repetition
) -> Floats:
    """Return the final excited population in the steady state of many shots of one point.

    Populations as in `passive_start_population`.
    """
    start: Floats | float = qubit.active_reset.residual
    if repetition.reset == "passive":
        start = passive_start_population(
            from_ground,
            from_excited,
            thermal=qubit.thermal_population,
            wait_us=repetition.interval_us,
            t1_us=qubit.coherence.t1_us,
        )
    return from_ground + (from_excited - from_ground) * start
