"""Search for f01 among spectral lines: each candidate is measured closely until one is proved by its f02/2."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError, NoSignalError
from qdash_tasks.figures.sketches import draw_measured, draw_recorded, make_line_shape, sketch
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.programs.cached_fits import fit_qubit_spectroscopy
from qdash_tasks.programs.estimates import require_success
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.projection import Signal, fit_signal, fit_trace, project_signals
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.programs.spectral_lines import find_candidate_lines
from qdash_tasks.programs.third_level import USUAL_ANHARMONICITY_GHZ
from qdash_tasks.programs.two_photon import TwoPhotonSearch, prove_line

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall

# A line several points wide needs few shots to be detected; its candidates are measured with a weaker drive.
_WEAKER = 0.25
WEAK = 0.01 * _WEAKER
"""Drive amplitude at which a line is measured closely if its frequency is known."""
CLOSE_POINTS = 81
_CLOSEST_MHZ = 3.0


def predict_two_photon_line(context: RunContext) -> TwoPhotonSearch:
    """Return the expected f02/2, from an earlier measurement, the design or a usual value."""
    measured = context.inputs.get("anharmonicity")
    if measured is not None:
        return TwoPhotonSearch(measured.value, measured=True)
    design_ghz = QubitDesign.from_context(context).anharmonicity_ghz
    return TwoPhotonSearch(USUAL_ANHARMONICITY_GHZ if design_ghz is None else design_ghz, measured=False)


@dataclass(slots=True)
class LineSearch:
    """Search state: the lines measured so far, the proved one, and reasons against the others."""

    expected: TwoPhotonSearch
    shots: int
    reach: LineLimits
    f01: int | None = None
    lines: int = 0
    reasons: list[str] = field(default_factory=list)

    def attributes(self) -> dict[str, Any]:
        """Return the outcome as attributes of raw data."""
        return {"f01": self.f01, "lines": self.lines, "reasons": self.reasons}

    def scan_window(
        self, window: NDArray[np.float64], drive: float, share: float
    ) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
        """Scan a wide window with fewer shots, then measure its candidates until a line is proved."""
        scan = QubitScan(window, amplitude=drive)
        trace = yield from measure_trace("wide", scan, self.count_shots(share))
        yield from self.measure_candidates(find_candidate_lines(trace), drive)

    def count_shots(self, share: float) -> int:
        """Return a share of the shots of a point, at least 16."""
        return max(round(share * self.shots), 16)

    def measure_candidates(
        self, candidates: Iterable[tuple[float, float]], drive: float
    ) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
        """Measure candidate lines (centre and width in GHz) of a scan until one is proved."""
        for centre, width in candidates:
            close = centre + np.linspace(-1.0, 1.0, CLOSE_POINTS) * max(width, _CLOSEST_MHZ * 1e-3)
            yield from self.measure_line(close, drive * _WEAKER)
            if self.f01 is not None:
                return

    def measure_line(
        self, window: NDArray[np.float64], drive: float
    ) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
        """Measure the line in a window with a weak drive, and try to prove it."""
        rank, self.lines = self.lines, self.lines + 1
        scan = QubitScan(limit_window(window, self.reach.frequencies_ghz), amplitude=drive)
        trace = yield from measure_trace(f"line_{rank}", scan, self.shots)
        fit = fit_trace(trace, fit_qubit_spectroscopy)
        if fit is None:
            return
        reason = yield from prove_line(
            rank, fit, drive=drive, expected=self.expected, shots=self.shots, reach=self.reach
        )
        if reason:
            self.reasons.append(f"{fit.parameters['frequency'].value:.6g}\N{NO-BREAK SPACE}GHz: {reason}")
        else:
            self.f01 = rank


def choose_line(raw: RawData) -> tuple[int, Signal, FitResult]:
    """Return number, signal and fit of the line proved to be f01, or raise `AnalysisError`."""
    rank = raw.attributes["f01"]
    if rank is None:
        _refuse(raw)
    (signal,) = project_signals(raw, (f"line_{rank}",), x_name="frequency")
    return rank, signal, require_success(fit_signal(fit_qubit_spectroscopy, signal))


def sketch_f01(raw: RawData, frequency_ghz: float, linewidth_mhz: float) -> dict[str, Any]:
    """Draw the line that was found to be f01, with its recorded frequency and width."""
    (signal,) = project_signals(raw, (f"line_{raw.attributes['f01']}",), x_name="frequency")
    found = make_line_shape(frequency_ghz, 1e-3 * linewidth_mhz)
    data = draw_measured(signal.x, signal.y), draw_recorded(signal.x, signal.y, [found])
    return sketch("Drive frequency (GHz)", "Signal (a.u.)", data)


def _refuse(raw: RawData) -> None:
    """Raise `AnalysisError` with the reason against every line."""
    reasons = raw.attributes["reasons"]
    if reasons:
        raise AnalysisError(f"no line is identified as f01: {'; '.join(dict.fromkeys(reasons))}")
    if "wide_iq" in raw.arrays:
        project_signals(raw, ("wide",), x_name="frequency")
    raise NoSignalError("no line near the design frequency that is also visible with a weak drive")
