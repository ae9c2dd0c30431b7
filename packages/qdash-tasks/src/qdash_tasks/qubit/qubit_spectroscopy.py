"""Qubit spectroscopy: which of the lines near the design frequency is the qubit, and how anharmonic it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.programs.cached_fits import fit_qubit_spectroscopy
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.lines import candidate_lines
from qdash_tasks.programs.projection import Signal, fit_signal, found_in, signals
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep
from qdash_tasks.programs.two_photon import Expected, proof_in, prove

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program

# Half width of the window (GHz), points, drive amplitude, share of the shots. A line several points wide needs few
# shots to be seen; a stronger drive and a wider window follow only where nothing was proved.
_SEARCHES = ((0.165, 661, 0.01, 0.25), (0.165, 661, 0.04, 0.5), (0.33, 1321, 0.04, 0.25))
_WEAKER = 0.25
_WEAK = _SEARCHES[0][2] * _WEAKER
_CLOSE_POINTS = 81
_CLOSEST_MHZ = 3.0
_KNOWN_GHZ = 0.005
"""Half width of the window around a frequency that was measured before."""


class CheckQubitSpectroscopy(RoundsTask, declarations.CheckQubitSpectroscopy):
    """Long pulse of varying frequency, readout: wide around the design, closely at each line, strongly at f02/2.

    A wide scan shows the qubit, but also neighbours through crosstalk and, at a strong drive, f02/2. What stands out
    most is measured with a weak drive, under which f02/2 is gone. It is f01 if a strong drive shows its own f02/2 at
    half the anharmonicity from it; if not, the next line is tried, then stronger drives and wider windows.
    """

    expected_s = 9.5
    x_name, x_unit = "frequency", "GHz"

    def sweeps(self, session: Session) -> Program:
        """Look for lines, in ever wider windows, until one is proved to be f01."""
        design, asked = session.design[self.context.qid], self.asked("frequency_range")
        known, anharmonicity = (
            self.context.inputs.get(name) for name in ("qubit_frequency", "anharmonicity")
        )
        search = _Search(
            Expected(
                design.anharmonicity_ghz if anharmonicity is None else anharmonicity.value,
                measured=anharmonicity is not None,
            ),
            self.context.parameters["shots"],
        )
        if asked is not None:
            yield from search.line(asked, _WEAK)
            return search.attributes()
        if known is not None:
            yield from search.line(known.value + np.linspace(-_KNOWN_GHZ, _KNOWN_GHZ, _CLOSE_POINTS), _WEAK)
        for half_width, size, drive, share in _SEARCHES:
            if search.f01 is not None:
                break
            window = design.qubit_frequency_ghz + np.linspace(-half_width, half_width, size)
            yield from search.wide(window, drive, share)
        return search.attributes()

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return QubitScan(sweep.x, amplitude=sweep.knob)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the line that was proved, and the proof."""
        rank, _, fit = _chosen(require_complete(result))
        proof = proof_in(result, rank, fit)
        two_photon = proof.fit.parameters["frequency"].value
        return TaskOutput(
            {
                "qubit_frequency": parameter(fit.parameters["frequency"]),
                "anharmonicity": parameter(proof.anharmonicity),
            },
            r2=fit.r2,
            quality=quality(fit),
            note={
                "linewidth_mhz": fit.parameters["linewidth"].value,
                "lines": result.attributes["lines"],
                "proof": f"a line of {proof.photons:.2f} ± {proof.error:.2f} photons at {two_photon:.6g} GHz is f02/2",
                "two_photon_frequency_ghz": two_photon,
                "photons": proof.photons,
            },
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """The line and its f02/2, each against the distance from its centre."""
        rank, signal, fit = _chosen(raw)
        proof = proof_in(raw, rank, fit)
        found = output.parameters["qubit_frequency"]
        title = f"qubit at {found.value:.7g} GHz"
        drawn: list[dict[str, Any]] = []
        for name, measured, fitted in (
            ("f01, weak drive", signal, fit),
            ("f02/2, strong drive", proof.signal, proof.fit),
        ):
            drawn += _about_centre(name, measured, fitted)
        return figure(title, "drive frequency from the centre of the line (MHz)", "signal (a.u.)", drawn)


@dataclass(slots=True)
class _Search:
    """Lines measured so far: which one is proved, and what spoke against the others."""

    expected: Expected
    shots: int
    f01: int | None = None
    lines: int = 0
    reasons: list[str] = field(default_factory=list)

    def attributes(self) -> dict[str, Any]:
        """Return the outcome as attributes of raw data."""
        return {"f01": self.f01, "lines": self.lines, "reasons": self.reasons}

    def wide(self, window: NDArray[np.float64], drive: float, share: float) -> Generator[Sweep, Trace, None]:
        """Scan a wide window with a share of the shots, then look at what stands out, until a line is proved."""
        trace = yield Sweep("wide", window, max(round(share * self.shots), 16), knob=drive)
        for centre, width in candidate_lines(trace):
            close = centre + np.linspace(-1.0, 1.0, _CLOSE_POINTS) * max(width, _CLOSEST_MHZ * 1e-3)
            yield from self.line(close, drive * _WEAKER)
            if self.f01 is not None:
                return

    def line(self, window: NDArray[np.float64], drive: float) -> Generator[Sweep, Trace, None]:
        """Measure the line in a window with a weak drive, and prove it."""
        rank, self.lines = self.lines, self.lines + 1
        trace = yield Sweep(f"line_{rank}", window, self.shots, knob=drive)
        fit = found_in(trace, fit_qubit_spectroscopy)
        if fit is None:
            return
        reason = yield from prove(rank, fit, drive=drive, expected=self.expected, shots=self.shots)
        if reason:
            self.reasons.append(f"{fit.parameters['frequency'].value:.6g} GHz: {reason}")
        else:
            self.f01 = rank


def _chosen(raw: RawData) -> tuple[int, Signal, FitResult]:
    """Return number, signal and fit of the line that was proved to be f01, or raise `AnalysisError`."""
    rank = raw.attributes["f01"]
    if rank is None:
        _refuse(raw)
    (signal,) = signals(raw, (f"line_{rank}",), x_name="frequency")
    return rank, signal, require(fit_signal(fit_qubit_spectroscopy, signal))


def _refuse(raw: RawData) -> None:
    """Raise `AnalysisError` with what stood in the way of every line."""
    reasons = raw.attributes["reasons"]
    if reasons:
        raise AnalysisError(f"no line is proved to be f01. {'; '.join(dict.fromkeys(reasons))}")
    if "wide_iq" in raw.arrays:
        signals(raw, ("wide",), x_name="frequency")
    raise AnalysisError("no line near the design frequency that a weak drive shows too")


def _about_centre(name: str, signal: Signal, fit: FitResult) -> list[dict[str, Any]]:
    centre = fit.parameters["frequency"].value
    moved = Signal((signal.x - centre) * 1e3, signal.y, signal.noise)
    return [points(name, moved), curve(f"fit of {name}", lambda x: fit.predict(centre + x * 1e-3), moved.x)]
