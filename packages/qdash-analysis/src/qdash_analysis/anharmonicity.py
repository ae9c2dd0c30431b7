"""Anharmonicity from the two-photon line of a strong drive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_analysis.result import Estimate, FitResult
from qdash_analysis.spectroscopy import fit_qubit_spectroscopy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def fit_anharmonicity(
    x: ArrayLike,
    y: ArrayLike,
    *,
    frequency: float,
    frequency_error: float | None = None,
    sigma: ArrayLike | None = None,
) -> FitResult:
    """Fit the two-photon line f02/2 of a strongly driven qubit.

    The model is that of `fit_qubit_spectroscopy`; the highest line of the window is taken. Two photons of
    frequency f make f02 = f01 + f12 = 2 f, so the anharmonicity f12 - f01 is ``2 (f - frequency)``: negative
    for a transmon, whose f02/2 lies below f01.

    Parameters
    ----------
    x
        Drive frequency in GHz, shape ``(n,)``, ascending, at least 10.
    y
        Signal, shape ``(n,)``, any unit.
    frequency
        f01 in GHz.
    frequency_error
        Its 1-sigma error in GHz, or ``None`` if it is small compared with that of the line.
    sigma
        Known 1-sigma noise of `y`, scalar or shape ``(n,)``. Without it the scatter about the fit gives the errors.

    Returns
    -------
    FitResult
        With `anharmonicity` and `frequency` of the two-photon line in GHz, and its `linewidth` (FWHM) in MHz.
        Errors and rejections are those of `fit_qubit_spectroscopy`; that of the anharmonicity includes
        `frequency_error`, taken as independent.

    Raises
    ------
    ValueError
        As in `fit_qubit_spectroscopy`, or if `frequency` is not positive and finite, or its error negative.
    """
    if not 0 < frequency < math.inf:
        raise ValueError(f"frequency must be positive and finite, got {frequency}")
    if frequency_error is not None and not 0 <= frequency_error < math.inf:
        raise ValueError(f"frequency_error must be finite and not negative, got {frequency_error}")
    line = fit_qubit_spectroscopy(x, y, sigma=sigma)
    if not line.success:
        return FitResult(success=False, message=f"f02/2: {line.message}", no_signal=line.no_signal)
    found = line.parameters["frequency"]
    error = None if found.error is None else 2 * math.hypot(found.error, frequency_error or 0.0)
    anharmonicity = Estimate(2 * (found.value - frequency), error, "GHz")
    return FitResult(
        success=True,
        message=f"f02/2 as {line.message}",
        parameters={
            "anharmonicity": anharmonicity,
            "frequency": found,
            "linewidth": line.parameters["linewidth"],
        },
        r2=line.r2,
        reduced_chi2=line.reduced_chi2,
        model=line.model,
    )
