"""Check of signs by the Bell state: the intended state compared with the three others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_analysis import fit_bell
from qdash_analysis.bell import PHI_PLUS
from qdash_core.errors import AnalysisError
from qdash_tasks.programs.convergence import CHECK_TONES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_OTHERS = (("XX", "YY"), ("XX", "ZZ"), ("YY", "ZZ"))
"""Correlations with the opposite sign in each of the other Bell states."""
_ENTANGLED, _SURELY = 0.5, 5.0
"""Fidelity above which a state is not a mixture of product states."""


def require_intended_bell_state(counts: Mapping[str, Integers], calibration: Integers) -> None:
    """Raise `AnalysisError` if two qubits are in a Bell state other than ``(|00> + |11>) / sqrt(2)``.

    A mirrored tone or phase, or answers in another order, exchange Bell states: a good gate then has a fidelity near
    zero.
    """
    for reversed_ones in _OTHERS:
        signs = {basis: -sign if basis in reversed_ones else sign for basis, sign in PHI_PLUS.items()}
        fit = fit_bell(counts, calibration, signs=signs)
        if not fit.success:
            return
        found = fit.raw["bell_state_fidelity"]
        if found.error is not None and found.value - _SURELY * found.error > _ENTANGLED:
            raise AnalysisError(
                f"the qubits are in a Bell state other than the intended one (fidelity with that state {found.value:.3f} ± "
                f"{found.error:.2g}): the gate is wrong, or answers are in another order. Check {CHECK_TONES}"
            )
