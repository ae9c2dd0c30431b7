"""Spectroscopy at several drive powers: f01, proved by f02/2, without any drive, and the strength of the line.

Every row is a scan at one power. With the power, f01 moves up by ``W^2 / (2 |a|)`` for a Rabi frequency W and an
anharmonicity a, and f02/2 moves down by ``W^2 / (4 |a|)`` (second-order perturbation by the detuned levels): both
are extrapolated to no drive, and the shift of f02/2 gives the Rabi frequency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import Estimate
from qdash_core.errors import AnalysisError, NoSignalError
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.cached_fits import fit_qubit_spectroscopy
from qdash_tasks.programs.projection import Signal, fit_signal, project_signals
from qdash_tasks.programs.spectral_lines import find_candidate_lines
from qdash_tasks.programs.two_photon import count_photons, require_same_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.two_photon import TwoPhotonSearch

    Floats = NDArray[np.float64]

ROW = "row_"
"""Beginning of the names of the rows, which end in their number from the weakest drive."""
AMPLITUDES = "amplitudes"
"""Attribute of raw data: drive amplitude of each row."""

_WIDTHS = 4.0
"""Half window around a line, in line widths."""
_FEWEST_POINTS = 15
_FARTHEST_WIDTHS = 1.0
"""Largest distance of a line from its place in the row below, in line widths."""
_SHAPE = 0.05
"""Error of the frequency in steps of the sweep: a line of few points is not a perfect Lorentzian."""
_WIDEST_GHZ = 0.03
"""Lines that are broader have too much of other lines in their window."""
_MOST_ROWS = 4
_KNOWN_GHZ, _DESIGN_GHZ = 0.01, 0.03
"""Half window around a measured and around a designed f02/2."""
_WIDTH_PER_RABI = 2.5
"""Usual FWHM of a power-broadened line over the Rabi frequency."""
_LEAST_WIDTH_PER_RABI = math.sqrt(2)
"""Smallest FWHM over the Rabi frequency, 2 sqrt(T1 / T2), at T2 = 2 T1."""
_LEAST_PHOTONS, _CONFIDENT = 1.5, 3.0
"""Smallest growth of f02/2, and the standard deviations by which it must exceed that of one photon."""
_SIGNIFICANT = 4.0
"""Standard deviations above which the light shift of f02/2 gives the strength of the line."""
_fit_highest_line = partial(fit_qubit_spectroscopy, several=True)
"""Fit of one row: another qubit's line may be as high, and the other rows prove which one is f01."""
_ZZ_GHZ = 5e-5
"""Error of f02/2 by neighbours that are driven too: strong drives excite them a little at any frequency."""
_HIGHER_ORDERS = 0.02
"""Relative error of second-order perturbation for the shift of f02/2."""


@dataclass(frozen=True, slots=True)
class PowerRow:
    """Scan at one drive amplitude, sorted by frequency.

    Attributes
    ----------
    signal
        Along the axis of largest variation; None if it shows nothing.
    lines
        Centre and width (GHz) of its candidate lines, the strongest first.
    """

    number: int
    amplitude: float
    signal: Signal | None
    lines: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class PowerMap:
    """Result of the rows.

    Attributes
    ----------
    frequency, anharmonicity
        Without any drive, GHz.
    rabi_per_amplitude
        Rabi frequency at full scale (MHz), or None if the light shift is not significant.
    row, signal, fit
        Number of the weakest row that shows f01, its points near the line, and their fit.
    pair, photons, error
        Number of the weaker of the rows that prove f02/2, and its number of photons with the 1-sigma error.
    """

    frequency: Estimate
    anharmonicity: Estimate
    rabi_per_amplitude: Estimate | None
    row: int
    signal: Signal
    fit: FitResult
    pair: int
    photons: float
    error: float


@dataclass(frozen=True, slots=True)
class _Line:
    """Line fitted in one row."""

    row: PowerRow
    signal: Signal
    fit: FitResult

    @property
    def frequency(self) -> Estimate:
        """Fitted frequency, GHz, with the error by the shape of a line of few points."""
        found = self.fit.parameters["frequency"]
        step = float(np.median(np.diff(self.signal.x)))
        error = None if found.error is None else math.hypot(found.error, _SHAPE * step)
        return Estimate(found.value, error, "GHz")

    @property
    def width_ghz(self) -> float:
        return 1e-3 * self.fit.parameters["linewidth"].value

    @property
    def power(self) -> float:
        return self.row.amplitude**2


def read_rows(raw: RawData) -> list[PowerRow]:
    """Return the rows of raw data, the weakest drive first."""
    return [_read_row(raw, number, float(one)) for number, one in enumerate(raw.attributes[AMPLITUDES])]


def _read_row(raw: RawData, number: int, amplitude: float) -> PowerRow:
    name = f"{ROW}{number}"
    order = np.argsort(raw[f"{name}_frequency"])
    x, iq, sigma, covariance = (
        raw[f"{name}_{part}"][order] for part in ("frequency", "iq", "sigma", "covariance")
    )
    lines = find_candidate_lines(Trace(x, iq, sigma, covariance))
    try:
        (found,) = project_signals(raw, (name,), x_name="frequency")
    except AnalysisError:
        return PowerRow(number, amplitude, None, lines)
    return PowerRow(number, amplitude, Signal(x, found.y[order], found.noise), lines)


def assemble_map(raw: RawData) -> tuple[Floats, Floats]:
    """Return the frequencies (n,) and the distance of each row from its background, shape (rows, n)."""
    names = [f"{ROW}{number}" for number in range(len(raw.attributes[AMPLITUDES]))]
    order = np.argsort(raw[f"{names[0]}_frequency"])
    rows = [raw[f"{name}_iq"][order] for name in names]
    away = [np.abs(iq - (np.median(iq.real) + 1j * np.median(iq.imag))) for iq in rows]
    return np.asarray(raw[f"{names[0]}_frequency"][order]), np.stack(away)


def analyse_rows(
    rows: Sequence[PowerRow], expected: TwoPhotonSearch, *, neighbours: bool = False
) -> PowerMap:
    """Return f01, the anharmonicity and the strength of the line from the rows.

    Rows are sorted, the weakest drive first. If `neighbours` were driven in the same programs, they shift f02/2 by
    static ZZ.

    Raises `AnalysisError` if no line is proved to be f01, with the reason against each.
    """
    reasons: list[str] = []
    tried: list[_Line] = []
    for line in _iter_candidates(rows, tried):
        tried.append(line)
        try:
            return _prove(_follow_line(line, rows), rows, expected, zz_ghz=_ZZ_GHZ if neighbours else 0.0)
        except AnalysisError as error:
            reasons.append(f"{line.frequency.value:.6g}\N{NO-BREAK SPACE}GHz: {error}")
    if reasons:
        raise AnalysisError(f"no line is identified as f01: {'; '.join(reasons)}")
    raise NoSignalError("no line in the window, at any power")


def _iter_candidates(rows: Sequence[PowerRow], tried: Sequence[_Line]) -> Iterator[_Line]:
    """Yield fitted lines that were not tried yet, those of the weakest drive first."""
    for row in rows:
        for centre, width in row.lines:
            line = _fit_line(row, centre, width)
            if line is not None and not any(_is_same(line, one) for one in tried):
                yield line


def _is_same(line: _Line, other: _Line) -> bool:
    apart = abs(line.frequency.value - other.frequency.value)
    return apart < max(line.width_ghz, other.width_ghz)


def _fit_line(row: PowerRow, centre: float, width: float) -> _Line | None:
    """Fit the line near a place in a row; return None if there is none, or it lies elsewhere."""
    if row.signal is None:
        return None
    step = float(np.median(np.diff(row.signal.x)))
    signal = _cut_window(row.signal, centre, max(_WIDTHS * width, _FEWEST_POINTS * step))
    if signal.x.size < _FEWEST_POINTS:
        return None
    fit = fit_signal(_fit_highest_line, signal)
    if not fit.success:
        return None
    line = _Line(row, signal, fit)
    away = abs(line.frequency.value - centre)
    too_far = away > max(_FARTHEST_WIDTHS * max(width, line.width_ghz), 2 * step)
    return None if too_far or line.width_ghz > _WIDEST_GHZ or line.frequency.error is None else line


def _cut_window(signal: Signal, centre: float, half_width: float) -> Signal:
    near = np.abs(signal.x - centre) <= half_width
    return Signal(signal.x[near], signal.y[near], signal.noise)


def _follow_line(line: _Line, rows: Sequence[PowerRow], *, photons: int = 1) -> list[_Line]:
    """Return a line in the row that shows it first and in the next ones, which broaden it."""
    found = [line]
    for row in rows[line.row.number + 1 :]:
        last = found[-1]
        width = last.width_ghz * (row.amplitude / last.row.amplitude) ** photons
        again = _fit_line(row, last.frequency.value, width) if width < _WIDEST_GHZ else None
        if again is None or len(found) == _MOST_ROWS:
            break
        found.append(again)
    return found


def _prove(
    lines: Sequence[_Line], rows: Sequence[PowerRow], expected: TwoPhotonSearch, *, zz_ghz: float
) -> PowerMap:
    """Return the result with a line as f01, or raise `AnalysisError` if no f02/2 belongs to it."""
    f01 = _extrapolate_f01(lines, expected)
    reason = "no f02/2 at any power"
    for weaker, stronger in pairwise(rows):
        if stronger.amplitude <= lines[0].row.amplitude:
            continue
        try:
            pair = _fit_two_photon_lines(weaker, stronger, f01.value, expected)
            if pair is None:
                continue
            require_same_place(pair[1].fit, pair[0].fit)
            ratio = weaker.amplitude / stronger.amplitude
            photons, error = count_photons(pair[1].fit, pair[0].fit, ratio=ratio)
            _require_two_photons(photons, error)
            _require_light_shift(pair, lines[0], expected)
        except AnalysisError as one:
            reason = str(one)
            continue
        _require_strongest(lines[0], rows, pair[0], expected)
        followed = [pair[0], *_follow_line(pair[1], rows, photons=2)]
        two_photon, slope = _extrapolate(followed, more_ghz=zz_ghz)
        anharmonicity = _add(two_photon, f01)
        first = lines[0]
        return PowerMap(
            f01,
            anharmonicity,
            _estimate_strength(slope, anharmonicity),
            first.row.number,
            first.signal,
            first.fit,
            weaker.number,
            photons,
            error,
        )
    raise AnalysisError(reason)


def _require_two_photons(photons: float, error: float) -> None:
    """Raise `AnalysisError` if the growth of a line does not exclude a single photon."""
    if photons < _LEAST_PHOTONS or photons - _CONFIDENT * error < 1.0:
        raise AnalysisError(
            f"the line at f02/2 grows with the drive as one of {photons:.2f} ± {error:.2f} photons, not of two"
        )


def _require_light_shift(pair: tuple[_Line, _Line], f01: _Line, expected: TwoPhotonSearch) -> None:
    """Raise `AnalysisError` if a line moves with the drive as f02/2 cannot.

    It moves down, and no more than the width of f01 allows, which is at least 1.4 times the Rabi frequency.
    """
    weaker, stronger = pair
    shift, errors = weaker.frequency.value - stronger.frequency.value, [one.frequency.error for one in pair]
    margin = _CONFIDENT * math.hypot(*(one or 0.0 for one in errors))
    power = (stronger.power - weaker.power) / f01.power
    largest = (f01.width_ghz / _LEAST_WIDTH_PER_RABI) ** 2 * power / (4 * abs(expected.anharmonicity_ghz))
    if not -margin < shift < largest + margin:
        raise AnalysisError(
            f"the line at f02/2 moves by {-1e3 * shift:.2g}\N{NO-BREAK SPACE}MHz with the drive, which the light shift does not explain"
        )


def _require_strongest(
    f01: _Line, rows: Sequence[PowerRow], two_photon: _Line, expected: TwoPhotonSearch
) -> None:
    """Raise `AnalysisError` if f02/2 may belong to a stronger line than `f01`.

    Crosstalk drives neighbours far more weakly. The line of the qubit may appear one row later.
    """
    middle, half = two_photon.frequency.value - expected.anharmonicity_ghz / 2, _choose_half_window(expected)
    for row in rows[f01.row.number : f01.row.number + 2]:
        near = [(centre, width) for centre, width in row.lines if abs(centre - middle) <= half]
        strongest, width = near[0] if near else (f01.frequency.value, 0.0)
        if abs(strongest - f01.frequency.value) > max(width, f01.width_ghz):
            raise AnalysisError(
                f"the line at f02/2 may also belong to the stronger line at {strongest:.6g}\N{NO-BREAK SPACE}GHz"
            )


def _choose_half_window(expected: TwoPhotonSearch) -> float:
    return _KNOWN_GHZ if expected.measured else _DESIGN_GHZ


def _extrapolate_f01(lines: Sequence[_Line], expected: TwoPhotonSearch) -> Estimate:
    """Return f01 without any drive; from a single row with its probable light shift in the error."""
    if len(lines) > 1:
        return _extrapolate(lines)[0]
    (line,) = lines
    rabi_mhz = 1e3 * line.width_ghz / _WIDTH_PER_RABI
    shift = 1e-6 * rabi_mhz**2 / (2 * abs(expected.anharmonicity_ghz))
    assert line.frequency.error is not None
    return Estimate(line.frequency.value - shift, math.hypot(line.frequency.error, shift), "GHz")


def _extrapolate(lines: Sequence[_Line], *, more_ghz: float = 0.0) -> tuple[Estimate, Estimate]:
    """Fit a line through the frequencies, each with a further error `more_ghz`, against power: value at no drive, slope (GHz)."""
    power = np.array([one.power for one in lines])
    frequency = np.array([one.frequency.value for one in lines])
    weight = 1 / np.hypot(np.array([one.frequency.error for one in lines], dtype=np.float64), more_ghz)
    design = np.stack([np.ones_like(power), power], axis=-1) * weight[:, None]
    centre = float(frequency.mean())
    covariance = np.linalg.inv(design.T @ design)
    values = (frequency - centre) * weight
    offset, slope = covariance @ design.T @ values
    # Rows that deviate from a straight line do so by other lines in their windows: the errors cover it.
    free = power.size - 2
    chi2 = float(np.sum((values - design @ (offset, slope)) ** 2)) / free if free else 1.0
    errors = np.sqrt(np.diag(covariance) * max(chi2, 1.0))
    return (
        Estimate(centre + float(offset), float(errors[0]), "GHz"),
        Estimate(float(slope), float(errors[1]), "GHz"),
    )


def _fit_two_photon_lines(
    weaker: PowerRow, stronger: PowerRow, f01_ghz: float, expected: TwoPhotonSearch
) -> tuple[_Line, _Line] | None:
    """Fit f02/2 in two rows; return None if one of them does not show it."""
    if stronger.signal is None:
        return None
    centre = f01_ghz + expected.anharmonicity_ghz / 2
    window = _cut_window(stronger.signal, centre, _choose_half_window(expected))
    if window.x.size < _FEWEST_POINTS:
        return None
    rough = fit_signal(_fit_highest_line, window)
    if not rough.success:
        return None
    place, width = rough.parameters["frequency"].value, 1e-3 * rough.parameters["linewidth"].value
    found = [_fit_line(row, place, width) for row in (weaker, stronger)]
    if found[0] is None or found[1] is None:
        return None
    return found[0], found[1]


def _add(two_photon: Estimate, f01: Estimate) -> Estimate:
    """Return the anharmonicity from f02/2 and f01."""
    assert two_photon.error is not None
    assert f01.error is not None
    error = 2 * math.hypot(two_photon.error, f01.error)
    return Estimate(2 * (two_photon.value - f01.value), error, "GHz")


def _estimate_strength(slope: Estimate, anharmonicity: Estimate) -> Estimate | None:
    """Return the Rabi frequency at full scale from the light shift of f02/2, if it is significant."""
    assert slope.error is not None
    if -slope.value < _SIGNIFICANT * slope.error:
        return None
    rabi_mhz = 1e3 * math.sqrt(-4 * abs(anharmonicity.value) * slope.value)
    relative = math.hypot(slope.error / slope.value, _HIGHER_ORDERS) / 2
    return Estimate(rabi_mhz, rabi_mhz * relative, "MHz")
