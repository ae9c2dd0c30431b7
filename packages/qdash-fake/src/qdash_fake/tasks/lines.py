"""Lines in a wide scan: which places deserve a closer look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_fake.tasks.projection import Signal
    from qdash_fake.trace import Trace

_SIZES = (1, 3, 7, 15, 31, 63)
_SIGNIFICANT = 32.0
"""Chi² of two quadratures that noise reaches once in 10^7 windows; a scan has about 4,000."""
_MOST = 3


def candidate_lines(trace: Trace) -> list[tuple[float, float]]:
    """Return centre and width (GHz) of up to three lines of a wide scan, the strongest first.

    The scan is summed over windows of growing width, so that broad and shallow lines count as much as narrow and high
    ones, in both quadratures, because few points of it tell on which axis the signal lies. Where the best window is
    significant there is a line, which is taken out before the next one is looked for.
    """
    centre = np.median(trace.iq.real) + 1j * np.median(trace.iq.imag)
    away = trace.iq - centre
    rest = away.real / trace.sigma.real + 1j * away.imag / trace.sigma.imag
    step = float(trace.x[1] - trace.x[0])
    found: list[tuple[float, float]] = []
    while len(found) < _MOST:
        score, place, width = max(_best_window(rest, size) for size in _SIZES)
        if score < _SIGNIFICANT:
            break
        found.append((_centroid(trace.x, away, place, width), width * step))
        # The foot of a Lorentzian reaches far: take out three widths to each side.
        rest[max(place - 3 * width, 0) : place + 3 * width + 1] = 0.0
    return found


def line_strength(signal: Signal, fit: FitResult) -> float:
    """Height times width of the fitted line: how much the drive moves, over all frequencies."""
    centre, width = fit.parameters["frequency"].value, fit.parameters["linewidth"].value
    foot = np.array([signal.x[0], signal.x[-1]])
    height = abs(float(fit.predict(np.array([centre]))[0]) - float(np.mean(fit.predict(foot))))
    return height * width


def _best_window(rest: NDArray[np.complex128], size: int) -> tuple[float, int, int]:
    """Return chi², centre and size of the window of that size whose sum stands out most."""
    chi2 = np.abs(np.convolve(rest, np.ones(size), mode="same")) ** 2 / size
    place = int(chi2.argmax())
    return float(chi2[place]), place, size


def _centroid(x: NDArray[np.float64], away: NDArray[np.complex128], place: int, width: int) -> float:
    """Mean frequency of the points around a line, weighted by how far they stand out in its direction."""
    near = slice(max(place - width, 0), place + width + 1)
    core = slice(max(place - width // 2, 0), place + width // 2 + 1)
    weight = np.maximum((away[near] * np.conj(away[core].sum())).real, 0.0)
    return float(np.average(x[near], weights=weight))
