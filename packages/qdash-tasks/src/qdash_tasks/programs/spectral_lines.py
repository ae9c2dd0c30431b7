"""Candidate lines in a wide scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_tasks.laboratory.trace import Trace

_SIZES = (1, 3, 7, 15, 31, 63)
_SIGNIFICANT = 32.0
"""Chi² of two quadratures that noise reaches once in 10^7 windows; a scan has about 4,000."""
_MOST = 3
_BLOCK = 41
"""Points over which a background counts as flat: three times the usual width of a line."""


def find_candidate_lines(trace: Trace) -> list[tuple[float, float]]:
    """Find up to three lines in a wide scan; return centre and width (GHz), the strongest first.

    A slowly varying background is subtracted or, if no line is left because it is as broad, only the median.
    """
    middle = np.median(trace.iq.real) + 1j * np.median(trace.iq.imag)
    return _find_lines(trace, trace.iq - _estimate_background(trace.iq)) or _find_lines(
        trace, trace.iq - middle
    )


def _estimate_background(iq: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Estimate the background by medians of blocks, linearly interpolated."""
    places = np.arange(iq.size)
    blocks = np.array_split(places, max(iq.size // _BLOCK, 1))
    centres = [float(block.mean()) for block in blocks]
    real = np.interp(places, centres, [float(np.median(iq.real[block])) for block in blocks])
    return np.asarray(
        real + 1j * np.interp(places, centres, [float(np.median(iq.imag[block])) for block in blocks])
    )


def _find_lines(trace: Trace, away: NDArray[np.complex128]) -> list[tuple[float, float]]:
    """Find the lines that stand out of a background.

    The scan is summed over windows of growing width, so that broad and shallow lines count as much as narrow and high
    ones, in both quadratures. A significant best window is a line, which is removed before the next search.
    """
    rest = away.real / trace.sigma.real + 1j * away.imag / trace.sigma.imag
    step = float(trace.x[1] - trace.x[0])
    found: list[tuple[float, float]] = []
    while len(found) < _MOST:
        score, place, width = max(_find_best_window(rest, size) for size in _SIZES)
        if score < _SIGNIFICANT:
            break
        found.append((_compute_centroid(trace.x, away, place, width), width * step))
        # The tail of a Lorentzian reaches far: take out three widths to each side.
        rest[max(place - 3 * width, 0) : place + 3 * width + 1] = 0.0
    return found


def compute_line_height(fit: FitResult) -> float:
    """Return the height of the fitted line above its surroundings, in the unit of the signal."""
    centre, width = fit.parameters["frequency"].value, fit.parameters["linewidth"].value * 1e-3
    # A Lorentzian falls to one half at half its width to each side, on any slope.
    left, top, right = fit.predict(centre + np.array([-0.5, 0.0, 0.5]) * width)
    return 2 * abs(float(top - (left + right) / 2))


def _find_best_window(rest: NDArray[np.complex128], size: int) -> tuple[float, int, int]:
    """Find the most significant window of a size; return its chi², centre and size."""
    chi2 = np.abs(np.convolve(rest, np.ones(size), mode="same")) ** 2 / size
    place = int(chi2.argmax())
    return float(chi2[place]), place, size


def _compute_centroid(x: NDArray[np.float64], away: NDArray[np.complex128], place: int, width: int) -> float:
    """Return the mean frequency of the points around a line, weighted by their signal."""
    near = slice(max(place - width, 0), place + width + 1)
    core = slice(max(place - width // 2, 0), place + width // 2 + 1)
    weight = np.maximum((away[near] * np.conj(away[core].sum())).real, 0.0)
    return float(np.average(x[near], weights=weight))
