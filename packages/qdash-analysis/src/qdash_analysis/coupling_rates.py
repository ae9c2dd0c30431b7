"""Readout resonator: rates at which it loses energy to its line and inside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qdash_analysis.evidence import compute_r_squared, compute_reduced_chi2
from qdash_analysis.inputs import validate_complex
from qdash_analysis.resonator import fit_notch
from qdash_analysis.result import Estimate, FitResult, NoEffect, return_rejection

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats
    from qdash_analysis.resonator import NotchFit

Geometry = Literal["auto", "transmission", "reflection"]

_GEOMETRIES = get_args(Geometry)
_CERTAIN = 3.0


@return_rejection
def fit_coupling_rates(
    x: ArrayLike,
    y: ArrayLike,
    *,
    sigma: ArrayLike | None = None,
    geometry: Geometry = "auto",
    offset: ArrayLike | None = None,
    offset_error: float = 0.0,
) -> FitResult:
    """Fit the external and internal loss rates of a resonator.

    Model: that of `fit_resonator` with loaded width kappa and complex dip d. A resonator beside a feed line
    (transmission) has Re d = kappa_external / kappa; one at the end of its line (reflection) has twice that,
    so that only a reflection has Re d > 1. The rest of kappa is internal loss.

    Parameters
    ----------
    x
        Frequency in GHz, shape ``(n,)``, ascending, at least 12.
    y
        Complex response, shape ``(n,)``, any unit.
    sigma
        Known 1-sigma noise of each quadrature of `y`, scalar or shape ``(n,)``. Without it the scatter about
        the fit gives the errors.
    geometry
        ``"transmission"``, ``"reflection"``, or ``"auto"``: reflection if Re d exceeds 1 by three errors. The
        reflection of a resonator that loses more inside than to its line looks like a transmission.
    offset
        Offset of the IQ plane, which `y` shows without a probe: complex, scalar or shape ``(n,)``. It moves the circle of the
        response, which one scan cannot tell from other losses. Without it the message says that it is unknown.
    offset_error
        1-sigma error of each quadrature of the offset, which all points share.

    Returns
    -------
    FitResult
        With `frequency` in GHz and `linewidth`, `kappa_external`, `kappa_internal` (all divided by 2 pi) in MHz. An
        internal rate near zero may be estimated below it. Errors and rejections are those of `fit_resonator`.

    Raises
    ------
    ValueError
        As `fit_resonator`, or if `y` is not complex or `geometry` unknown.
    """
    if geometry not in _GEOMETRIES:
        raise ValueError(f"geometry: {geometry!r} is none of {', '.join(_GEOMETRIES)}")
    measured = validate_complex("y", y)
    subtracted = np.broadcast_to(np.asarray(0.0 if offset is None else offset, np.complex128), measured.shape)
    found = replace(fit_notch(x, measured - subtracted, sigma=sigma), offset_error=offset_error)
    solution = found.solution
    if found.peak:
        raise NoEffect(
            "a peak does not tell external from internal loss: measure in reflection, or past the resonator"
        )
    if found.hides_losses:
        raise NoEffect(
            "an offset of the IQ plane hides the losses: measure a wider window, in which the cable turns the phase once"
            if offset is None
            else "the offset of the IQ plane changes during the scan and hides the losses: a tone or a leak of the instruments"
        )

    def dip(coefficients: Floats, theta: Floats) -> float:
        return found.kind.dip(coefficients, theta).real

    def width(theta: Floats) -> float:
        return float(1e3 * found.window.span * np.exp(theta[1]))

    depth, error = found.evaluate(dip)
    reflected = geometry == "reflection" or (geometry == "auto" and depth > 1 + _CERTAIN * error)
    share = 0.5 if reflected else 1.0

    def external(coefficients: Floats, theta: Floats) -> float:
        return width(theta) * share * dip(coefficients, theta)

    def internal(coefficients: Floats, theta: Floats) -> float:
        return width(theta) * (1 - share * dip(coefficients, theta))

    parameters = {
        **{name: found.estimates[name] for name in ("frequency", "linewidth")},
        "kappa_external": Estimate(*found.evaluate(external), "MHz"),
        "kappa_internal": Estimate(*found.evaluate(internal), "MHz"),
    }
    seen_in = "reflection" if reflected else "transmission"
    if geometry == "auto" and not reflected:
        seen_in += (
            " (assumed: a reflection with more internal than external loss looks the same, name its geometry)"
        )
    return FitResult(
        success=True,
        message=f"resonance at {parameters['frequency'].value:.7g}\N{NO-BREAK SPACE}GHz in {seen_in}{found.note}{_describe_offset(found, None if offset is None else subtracted)}",
        parameters=parameters,
        r2=compute_r_squared(found.trace, solution),
        reduced_chi2=compute_reduced_chi2(found.trace, solution),
        traits=found.traits,
        model=lambda frequency: (
            found.predict(frequency) + np.interp(frequency, np.asarray(x, np.float64), subtracted)
        ),
    )


def _describe_offset(found: NotchFit, offset: NDArray[np.complex128] | None) -> str:
    """Return what is known about the offset of the IQ plane, if it matters."""
    if offset is None:
        return "; an offset of the IQ plane was not measured: it would change both rates"
    size = float(np.sqrt(np.mean(np.abs(offset) ** 2)))
    if size < _CERTAIN * found.offset_error:
        return ""
    coefficients = found.solution.coefficients
    carrier = abs(complex(coefficients[0], coefficients[coefficients.size // 2]))
    tone = (
        ""
        if np.ptp(np.abs(offset)) == 0
        else " that depends on the frequency, as of a tone of the instruments,"
    )
    return f"; an offset of the IQ plane{tone or ','} {100 * size / carrier:.2g}\N{NO-BREAK SPACE}% of the signal beside the line, is subtracted"
