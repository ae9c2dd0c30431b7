"""Corrections for the third level of a transmon under a two-level drive.

In the frame of a drive d below f01, with anharmonicity a and Rabi frequency W of the two lower levels, three levels
have the Hamiltonian ``d |1><1| + (2 d + a) |2><2| + W/2 (|0><1| + sqrt(2) |1><2| + h.c.)`` (Gambetta et al., PRA 83,
012308 (2011)). The numbers are from its master equation, for drives of 3 to 50 MHz at a = -0.33 GHz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_analysis import Estimate
from qdash_tasks.laboratory.design import QubitDesign

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext

SLOWER_ON_RESONANCE = 0.10
SLOWER_AT_F01 = 0.135
"""Slowing of a Rabi frequency W, in units of W^3 / a^2: driven on the light-shifted resonance, and driven at
f01.
"""

USUAL_ANHARMONICITY_GHZ = -0.3
"""Anharmonicity of an unknown transmon."""
_USUAL_WITHIN_GHZ = 0.1
_DESIGN_GHZ = 0.015
"""Standard deviation of an anharmonicity about its design."""
_HIGHER_ORDERS = 0.01
_DOUBTFUL = 0.3


@dataclass(frozen=True, slots=True)
class ThirdLevel:
    """Anharmonicity and its error, in MHz."""

    anharmonicity_mhz: float
    error_mhz: float

    @classmethod
    def from_context(cls, context: RunContext) -> ThirdLevel:
        """Return the anharmonicity from the inputs or the design, or a usual value."""
        known = context.inputs.get("anharmonicity")
        if known is not None:
            return cls(known.value * 1e3, (known.error or 0.0) * 1e3)
        design_ghz = QubitDesign.from_context(context).anharmonicity_ghz
        if design_ghz is None:
            return cls(USUAL_ANHARMONICITY_GHZ * 1e3, _USUAL_WITHIN_GHZ * 1e3)
        return cls(design_ghz * 1e3, _DESIGN_GHZ * 1e3)

    @classmethod
    def from_raw_data(cls, raw: RawData) -> ThirdLevel:
        """Read the anharmonicity from the attributes of raw data."""
        return cls(
            *(float(raw.attributes[name]) for name in ("anharmonicity_mhz", "anharmonicity_error_mhz"))
        )

    def attributes(self) -> dict[str, float]:
        """Return the anharmonicity as attributes of raw data."""
        return {"anharmonicity_mhz": self.anharmonicity_mhz, "anharmonicity_error_mhz": self.error_mhz}

    def remove_drive_shift(self, resonance: Estimate, rabi: Estimate) -> Estimate:
        """Correct f01 for the drive, which pushes |1> up through |2> by ``W^2 / (2 |a|)``.

        The error includes that of the shift: from W, the anharmonicity, and the next order.
        """
        anharmonicity = abs(self.anharmonicity_mhz)
        shift = 1e-3 * rabi.value**2 / (2 * anharmonicity)
        if resonance.error is None or rabi.error is None:
            return Estimate(resonance.value - shift, None, "GHz")
        doubt = math.hypot(2 * rabi.error / rabi.value, self.error_mhz / anharmonicity, _HIGHER_ORDERS)
        return Estimate(resonance.value - shift, math.hypot(resonance.error, shift * doubt), "GHz")

    def correct_rabi_frequency(
        self, rabi: Estimate, slower: float, *, strongest_mhz: float | None = None
    ) -> Estimate:
        """Correct a Rabi frequency (in any unit) to that of two levels.

        `slower` is `SLOWER_ON_RESONANCE` or `SLOWER_AT_F01`; `strongest_mhz` is the rate that slows it, if not itself
        in MHz.
        """
        strongest = rabi.value if strongest_mhz is None else strongest_mhz
        change = slower * (strongest / self.anharmonicity_mhz) ** 2 * rabi.value
        error = None if rabi.error is None else math.hypot(rabi.error, _DOUBTFUL * change)
        return Estimate(rabi.value + change, error, rabi.unit)
