"""Sign of a detuning, from the fringe frequencies of two artificial detunings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_analysis.result import FitResult

_CONTRADICTION_SIGMA = 5.0


@dataclass(frozen=True, slots=True)
class SignedDetuning:
    """Qubit frequency minus drive frequency, with its sign.

    The value is the weighted mean of both traces with its 1-sigma error, None if a fit gives none; `tension` is the
    difference of the traces over its error.
    """

    value_mhz: float
    error_mhz: float | None
    tension: float

    @property
    def consistent(self) -> bool:
        """True if both traces agree on a sign."""
        return self.tension < _CONTRADICTION_SIGMA


def resolve_sign(plus: FitResult, minus: FitResult, *, artificial_mhz: tuple[float, float]) -> SignedDetuning:
    """Return the detuning on which two fringes agree.

    Each oscillates at the magnitude of (detuning + artificial) and so allows two detunings; only one pair of the four
    agrees. The fits have `detuning` in MHz.
    """
    fringes = plus.parameters["detuning"], minus.parameters["detuning"]
    pairs = [
        (sign_a * fringes[0].value - artificial_mhz[0], sign_b * fringes[1].value - artificial_mhz[1])
        for sign_a, sign_b in product((1, -1), repeat=2)
    ]
    first, second = min(pairs, key=lambda pair: abs(pair[0] - pair[1]))
    if fringes[0].error is None or fringes[1].error is None:
        return SignedDetuning((first + second) / 2, None, 0.0)
    weight_a, weight_b = fringes[0].error ** -2, fringes[1].error ** -2
    mean = (weight_a * first + weight_b * second) / (weight_a + weight_b)
    tension = abs(first - second) / math.hypot(fringes[0].error, fringes[1].error)
    return SignedDetuning(mean, 1 / math.sqrt(weight_a + weight_b), tension)
