"""Convergence of an iteration: the remaining correction is within the error of the last step.

A task records the settings of its last step only if that found nothing more to correct: a correction that was never
played is a guess. Where a sign is wrong, no number of steps converges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import AnalysisError
from qdash_core.tasks.figure_layout import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAST_STEP_SIGMAS, _ACCEPTED_SIGMAS = 2.5, 4.0
"""Correction, in errors of the step, up to which no further step is measured, and up to which the analysis
accepts the last one: noise alone exceeds them in 1 of 80 and 1 of 16,000 steps. They differ because the
analysis knows the errors better.
"""

CHECK_TONES = "the signs and phases of the tones: `qdash lab check CHIP --all --only cross_resonance`"
"""Advice if cross-resonance tones do not converge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Correction that one step of an iteration requests.

    Attributes
    ----------
    value
        Distance from the target value at the settings of the step, in `unit`.
    error
        1-sigma error; None or infinite if it is unknown.
    negligible
        Size below which a correction does not matter, whatever its error.
    """

    name: str
    value: float
    error: float | None
    unit: str
    negligible: float = 0.0

    def is_within(self, sigmas: float) -> bool:
        """Return whether nothing is left to correct; without an error only `negligible` counts."""
        return abs(self.value) <= max(sigmas * (self._known_error or 0.0), self.negligible)

    def __str__(self) -> str:
        error = "" if self._known_error is None else f" ± {self._known_error:.2g}"
        return f"{self.name} is off by {quantity(f'{self.value:.3g}{error}', self.unit)}"

    @property
    def _known_error(self) -> float | None:
        return None if self.error is None or not math.isfinite(self.error) else self.error


def has_converged(corrections: Iterable[Correction]) -> bool:
    """Return whether nothing is left to correct, so that this step is the last one."""
    return all(one.is_within(_LAST_STEP_SIGMAS) for one in corrections)


def require_converged(corrections: Iterable[Correction], *, advice: str) -> None:
    """Raise `AnalysisError` if the last step of an iteration would still correct something.

    The message ends with `advice`: the check or task that finds the cause.
    """
    missing = [str(one) for one in corrections if not one.is_within(_ACCEPTED_SIGMAS)]
    if missing:
        raise AnalysisError(
            f"the corrections did not converge: at the last settings {', '.join(missing)}. Only measured values are recorded. Check {advice}"
        )
