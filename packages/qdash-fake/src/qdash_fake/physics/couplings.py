"""Exchange between neighbours and the ZZ that it leaves when nobody drives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_fake.physics.chip import CouplingTruth
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth


def draw_coupling(a: QubitTruth, b: QubitTruth, seed: int) -> CouplingTruth:
    """Return the coupling of two qubits, J log-uniform between 1.2 and 3.5 MHz."""
    exchange = 1.2 * math.exp(stream(seed, a.qid, b.qid, "exchange").random() * math.log(3.5 / 1.2))
    zeta = static_zz_mhz(
        exchange_mhz=exchange,
        detuning_mhz=(a.frequency_ghz - b.frequency_ghz) * 1e3,
        anharmonicity_a_mhz=a.anharmonicity_ghz * 1e3,
        anharmonicity_b_mhz=b.anharmonicity_ghz * 1e3,
    )
    return CouplingTruth(a=a.qid, b=b.qid, exchange_mhz=exchange, static_zz_mhz=zeta)


def static_zz_mhz(
    *, exchange_mhz: float, detuning_mhz: float, anharmonicity_a_mhz: float, anharmonicity_b_mhz: float
) -> float:
    """Return zeta = f11 - f10 - f01 + f00 from second-order perturbation theory.

    ``zeta = 2 J^2 (a1 + a2) / ((D + a1) (D - a2))`` with ``D = f1 - f2`` (Magesan and Gambetta, PRA 101, 052308
    (2020)). Where |11> meets |20> or |02> the theory diverges; the levels then split by sqrt(2) J to each side, which
    bounds it.
    """
    bound = math.sqrt(2) * exchange_mhz
    denominator = (detuning_mhz + anharmonicity_a_mhz) * (detuning_mhz - anharmonicity_b_mhz)
    numerator = 2 * exchange_mhz**2 * (anharmonicity_a_mhz + anharmonicity_b_mhz)
    if abs(numerator) >= bound * abs(denominator):
        return math.copysign(bound, numerator) * math.copysign(1, denominator)
    return numerator / denominator
