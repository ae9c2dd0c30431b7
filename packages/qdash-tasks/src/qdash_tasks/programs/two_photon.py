"""Proof that a line is f01: a strong drive reaches |2> by two photons, half an anharmonicity away.

A line found half an anharmonicity below may also be a one-photon line, as of a neighbour. Two properties separate them.
The saturation power S, from height times squared width, scales with the square of the amplitude for one photon and with
the fourth power for two. And a two-photon line is narrower than a one-photon line at the same drive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import Estimate, fit_anharmonicity
from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.programs.cached_fits import fit_qubit_spectroscopy
from qdash_tasks.programs.estimates import require_success, treat_as_undetermined
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.projection import fit_signal, project_signals, project_trace
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.programs.spectral_lines import compute_line_height

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import ArrayLike

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.projection import Signal

WEAKER = 0.5
"""Second of the two strong drives, relative to the first."""

_WIDTH_PER_RABI = 2.5
"""FWHM of a power-broadened line over the Rabi frequency: 2 sqrt(g2 / g1), usually 2 to 4."""

_STRONG_MHZ = 14.0
"""Rabi frequency at which f02/2 is a megahertz or two wide."""

# Half width of the window (GHz), points, and the drive relative to the usual strong one. The first window
# covers five deviations of a design anharmonicity; stronger and wider ones follow if nothing showed.
_WINDOWS = ((0.025, 126, 1.0), (0.025, 126, 2.5), (0.07, 281, 1.0))
_KNOWN_WINDOW = (0.006, 41, 1.0)
_SEARCH_SHARE = 0.25
_CLOSE_POINTS = 61
_CLOSE_WIDTHS = 1.2
_PHOTONS = 1.5
_MOST_SHIFTED = 0.6
"""Largest light shift between both drives, in line widths."""
_CONFIDENT = 2.0
_BESIDE_MHZ = 1.5
_BESIDE_WIDTHS = 1.5
"""Distance within which a second line may be the wanted one: the light shift by the drive, or the line
width.
"""


@dataclass(frozen=True, slots=True)
class TwoPhotonSearch:
    """Search range of f02/2: the designed anharmonicity, or the measured one, which begins with a narrow window."""

    anharmonicity_ghz: float
    measured: bool

    def list_windows(self) -> tuple[tuple[float, int, float], ...]:
        """Return half width (GHz), points and relative drive of each window, in the order of the search."""
        return (_KNOWN_WINDOW, *_WINDOWS) if self.measured else _WINDOWS


@dataclass(frozen=True, slots=True)
class Proof:
    """Measurement of f02/2 at two drives.

    `signal` and its `fit_anharmonicity` are those of the weaker drive; `anharmonicity` is corrected for the drive,
    which pushes f02/2 down; `photons` has the 1-sigma `error`.
    """

    signal: Signal
    fit: FitResult
    anharmonicity: Estimate
    photons: float
    error: float


def prove_line(
    rank: int, line: FitResult, *, drive: float, expected: TwoPhotonSearch, shots: int, reach: LineLimits
) -> Generator[MeasurementCall, Mapping[str, Answer], str]:
    """Measure f02/2 of candidate number `rank` at two drives.

    Returns an empty string on success, otherwise the reason of the failure. The width of `line` under the weak `drive`
    gives the drive that f02/2 needs; `reach` limits it.
    """
    frequency, width_mhz = line.parameters["frequency"].value, line.parameters["linewidth"].value
    usual = drive * _STRONG_MHZ * _WIDTH_PER_RABI / width_mhz
    centre = frequency + expected.anharmonicity_ghz / 2
    reason = ""
    for half_width, count, factor in expected.list_windows():
        strong = min(factor * usual, reach.largest_amplitude)
        try:
            window = centre + np.linspace(-half_width, half_width, count)
            scan = QubitScan(limit_window(window, reach.frequencies_ghz), amplitude=strong)
            trace = yield from measure_trace(f"strong_{rank}", scan, max(round(_SEARCH_SHARE * shots), 16))
            first = _fit_line(project_trace(trace))
            half = _CLOSE_WIDTHS * first.parameters["linewidth"].value * 1e-3
            close = first.parameters["frequency"].value + np.linspace(-half, half, _CLOSE_POINTS)
            scan = QubitScan(limit_window(close, reach.frequencies_ghz), amplitude=WEAKER * strong)
            weaker = yield from measure_trace(f"two_photon_{rank}", scan, shots)
            second = _fit_line(project_trace(weaker))
            require_same_place(first, second)
            _require_two(*count_photons(first, second))
        except (AnalysisError, InvalidInputError) as error:
            reason = str(error)
            continue
        return ""
    return reason


def read_proof(raw: RawData, rank: int, line: FitResult) -> Proof:
    """Return the proof of candidate number `rank` in the raw data, or raise `AnalysisError` without one."""
    with treat_as_undetermined():
        (strong,) = project_signals(raw, (f"strong_{rank}",), x_name="frequency")
        (weaker,) = project_signals(raw, (f"two_photon_{rank}",), x_name="frequency")
    f01 = line.parameters["frequency"]

    def fit(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike) -> FitResult:
        return fit_anharmonicity(x, y, frequency=f01.value, frequency_error=f01.error, sigma=sigma)

    with treat_as_undetermined():
        first, found = _fit_line(strong), require_success(fit_signal(fit, weaker))
    # The signal that ended the search: a second fit, with errors for a shape that is not quite a line, may
    # lose it again.
    photons, error = count_photons(first, _fit_line(weaker))
    _require_two(photons, error)
    return Proof(weaker, found, _extrapolate_anharmonicity(first, found, f01), photons, error)


def _extrapolate_anharmonicity(first: FitResult, weaker: FitResult, f01: Estimate) -> Estimate:
    """Extrapolate the anharmonicity to zero drive, linearly in power from two points."""
    lines = first.parameters["frequency"], weaker.parameters["frequency"]
    # At the square of WEAKER times the power, that share of the shift is left.
    share = WEAKER**2 / (1 - WEAKER**2)
    frequency = lines[1].value + share * (lines[1].value - lines[0].value)
    if lines[0].error is None or lines[1].error is None or f01.error is None:
        return Estimate(2 * (frequency - f01.value), None, "GHz")
    error = 2 * math.hypot((1 + share) * lines[1].error, share * lines[0].error, f01.error)
    return Estimate(2 * (frequency - f01.value), error, "GHz")


def _fit_line(signal: Signal) -> FitResult:
    """Fit the highest line; raise `AnalysisError` if a line beside it may be the right one.

    With two lines so close, the two drives may show different ones.
    """
    fit = fit_qubit_spectroscopy(signal.x, signal.y, sigma=signal.sigma)
    if not fit.success:
        raise AnalysisError(f"nothing at f02/2: {fit.message}")
    line, other = fit.parameters["frequency"].value, fit.parameters.get("second_frequency")
    apart_mhz = math.inf if other is None else 1e3 * abs(other.value - line)
    if apart_mhz < max(_BESIDE_MHZ, _BESIDE_WIDTHS * fit.parameters["linewidth"].value):
        raise AnalysisError(
            f"two lines at f02/2, {line:.6g}\N{NO-BREAK SPACE}GHz and another {apart_mhz:.2g}\N{NO-BREAK SPACE}MHz away: the data do not show which one takes two photons. The other may be a neighbour that receives crosstalk: move it, or reduce the crosstalk"
        )
    return fit


def count_photons(first: FitResult, weaker: FitResult, *, ratio: float = WEAKER) -> tuple[float, float]:
    """Return the number of photons of a line at two drives, whose amplitudes have this ratio, and the 1-sigma error."""
    powers, errors = zip(*(_compute_saturation(found) for found in (first, weaker)), strict=True)
    octaves = 2 * math.log(1 / ratio)
    return math.log(powers[0] / powers[1]) / octaves, math.hypot(*errors) / octaves


def require_same_place(first: FitResult, weaker: FitResult) -> None:
    """Raise `AnalysisError` if a light shift cannot explain the shift between the drives.

    A stronger drive pushes the line down by some hundredths to two tenths of its width. It also shifts if answers of
    windows are in another order than their frequencies.
    """
    lines = first.parameters["frequency"].value, weaker.parameters["frequency"].value
    shift_mhz, width_mhz = 1e3 * (lines[1] - lines[0]), first.parameters["linewidth"].value
    if not -_MOST_SHIFTED * width_mhz < shift_mhz < _MOST_SHIFTED * width_mhz:
        raise AnalysisError(
            f"the line at f02/2 lies at {lines[0]:.6g}\N{NO-BREAK SPACE}GHz under a strong and at {lines[1]:.6g}\N{NO-BREAK SPACE}GHz under a weak drive: the instrument is not stable, or returns answers in another order (`qdash lab check CHIP`)"
        )


def _compute_saturation(fit: FitResult) -> tuple[float, float]:
    """Return height times squared width, and its relative error; their errors are similar and anticorrelated."""
    width = fit.parameters["linewidth"]
    relative = math.inf if width.error is None else 2 * width.error / width.value
    return compute_line_height(fit) * width.value**2, relative


def _require_two(photons: float, error: float) -> None:
    """Raise `AnalysisError` if a single photon may explain the line."""
    if photons - _CONFIDENT * error <= _PHOTONS:
        raise AnalysisError(
            f"the line at f02/2 grows with the drive as one of {photons:.2f} ± {error:.2f} photons, not of two"
        )
