"""Warm-ups: the chip is in equilibrium at a higher temperature.

With ``x = h f / 2 k T``, the frequency f of a qubit, the temperature T, and the gap Delta of aluminium:

- the thermal population is ``p = 1 / (1 + exp(2 x))`` (Jin et al., PRL 114, 240501 (2015): a transmon follows it from 35 to 150 mK), or the
  population before the warm-up if that is higher;
- relaxation to the bath grows by stimulated emission and absorption, ``1 + 2 n = coth x = 1 / (1 - 2 p)``;
- thermal quasiparticles add ``4 (2 pi f) / pi exp(-Delta / k T) cosh(x) K0(x)`` to 1/T1 (Catelani et al., PRB 84, 064517 (2011), both
  directions of a transmon);
- an active reset leaves the population that is excited during its duration.

Photons in the resonators, which dephase the qubit, and frequency shifts are not included: T2 falls with T1 only.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_fake.physics.t1_falls import relax_faster

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth

_MILLIKELVIN_PER_GHZ = 47.99243
"""h / k."""
_GAP_MILLIKELVIN = 2089.0
"""Delta / k for aluminium, 180 µeV."""


def warm_up(qubit: QubitTruth, temperature_mk: float) -> QubitTruth:
    """Return the qubit at a temperature."""
    before = qubit.thermal_population
    population = max(before, compute_thermal_population(qubit.frequency_ghz, temperature_mk))
    stimulated = (1 - 2 * before) / (1 - 2 * population)
    warm = relax_faster(
        qubit,
        (stimulated - 1) / qubit.coherence.t1_us
        + compute_quasiparticle_rate(qubit.frequency_ghz, temperature_mk),
    )
    return excite_thermally(warm, population)


def excite_thermally(qubit: QubitTruth, population: float) -> QubitTruth:
    """Return the qubit with a higher thermal population; an active reset leaves a part of it."""
    reset = qubit.active_reset
    excited = (population - qubit.thermal_population) * -math.expm1(
        -reset.duration_us / qubit.coherence.t1_us
    )
    return replace(
        qubit,
        thermal_population=population,
        active_reset=replace(reset, residual=reset.residual + excited),
    )


def compute_thermal_population(frequency_ghz: float, temperature_mk: float) -> float:
    """Return the population of |1> of a qubit in equilibrium."""
    return 1 / (1 + math.exp(_MILLIKELVIN_PER_GHZ * frequency_ghz / temperature_mk))


def compute_quasiparticle_rate(frequency_ghz: float, temperature_mk: float) -> float:
    """Return the relaxation rate (1/µs) of a transmon due to thermal quasiparticles."""
    from scipy.special import kve

    half = _MILLIKELVIN_PER_GHZ * frequency_ghz / temperature_mk / 2
    # kve(0, x) is exp(x) K0(x), so that both factors stay finite.
    both_directions = (1 + math.exp(-2 * half)) / 2 * float(kve(0, half))
    return 8 * frequency_ghz * 1e3 * math.exp(-_GAP_MILLIKELVIN / temperature_mk) * both_directions
