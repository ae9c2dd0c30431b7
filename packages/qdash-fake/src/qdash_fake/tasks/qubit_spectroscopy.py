"""Qubit spectroscopy: which of the lines near the design frequency is the qubit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_qubit_spectroscopy
from qdash_core.errors import AnalysisError
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_fake.tasks.estimates import parameter, quality, require
from qdash_fake.tasks.lines import candidate_lines, line_strength
from qdash_fake.tasks.plots import curve, figure, points
from qdash_fake.tasks.projection import Signal, fit_signal, signal_of, signals
from qdash_fake.tasks.rounds import RoundsTask, Sweep, require_complete

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Program, Waiting
    from qdash_fake.trace import Trace

# Half width of the window (GHz), points, drive amplitude, share of the shots. A line several points wide needs few
# shots to be seen; a stronger drive, more shots and a wider window follow only where nothing showed.
_SEARCHES = ((0.165, 661, 0.01, 0.25), (0.165, 661, 0.04, 1.0), (0.33, 1321, 0.04, 1.0))
_WEAKER = 0.25
_CLOSE_POINTS = 81
_CLOSEST_MHZ = 3.0


class CheckQubitSpectroscopy(RoundsTask, standard.CheckQubitSpectroscopy):
    """Long pulse of varying frequency, readout: wide around the design, then each line closely and weakly driven.

    A wide and strongly driven scan shows the qubit, but also f02/2 and, through crosstalk, neighbours. With a weak
    drive f02/2 is gone (its strength goes with the square of the power), and a neighbour, which hears a hundredth to a
    tenth of the drive and moves the signal little, makes a narrower and lower line than the qubit itself.
    """

    x_name, x_unit = "frequency", "GHz"

    def program(self, session: TwinSession) -> Program:
        """Search with growing power until a line shows, then measure each candidate at a quarter of the amplitude."""
        shots, asked = self.context.parameters["shots"], self.context.parameters["frequency_range"]
        if asked is not None:
            yield Sweep(
                "line_0",
                np.unique(np.asarray(asked, dtype=np.float64)),
                shots,
                knob=_SEARCHES[0][2] * _WEAKER,
            )
            return {"lines": 1}
        design = session.design[self.context.qid].qubit_frequency_ghz
        for half_width, count, amplitude, share in _SEARCHES:
            wide = design + np.linspace(-half_width, half_width, count)
            trace = yield Sweep("wide", wide, max(round(share * shots), 16), knob=amplitude)
            candidates = candidate_lines(trace)
            found = False
            for rank, (centre, width) in enumerate(candidates):
                close = np.linspace(-1.0, 1.0, _CLOSE_POINTS) * max(2 * width, _CLOSEST_MHZ * 1e-3)
                weak = yield Sweep(f"line_{rank}", centre + close, shots, knob=amplitude * _WEAKER)
                found = found or _is_line(weak)
            if found:
                return {"lines": len(candidates)}
        return {"lines": 0}

    @classmethod
    def measure(
        cls,
        session: TwinSession,
        sweeps: Mapping[str, Sweep],
        *,
        shots: int,
        waiting: Waiting,  # noqa: ARG003  a saturating pulse forgets how it started
    ) -> Mapping[str, Trace]:
        """Measure one spectroscopy of each qubit, each at its own drive amplitude."""
        return session.qubit_spectroscopy(
            {qid: sweep.x for qid, sweep in sweeps.items()},
            shots=shots,
            amplitude={qid: sweep.knob for qid, sweep in sweeps.items()},
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Take the line that responds most to a weak drive."""
        _, fit = _best(require_complete(result))
        return TaskOutput(
            {"qubit_frequency": parameter(fit.parameters["frequency"])},
            r2=fit.r2,
            quality=quality(fit),
            note={"linewidth_mhz": fit.parameters["linewidth"].value, "lines": result.attributes["lines"]},
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """The chosen line against drive frequency."""
        signal, fit = _best(raw)
        found = output.parameters["qubit_frequency"]
        title = f"qubit at {found.value:.7g} GHz ± {1e6 * (found.error or float('nan')):.2g} kHz"
        return figure(
            title,
            "drive frequency (GHz)",
            "signal (a.u.)",
            [points("measured", signal), curve("fit", fit.predict, signal.x)],
        )


def _best(raw: RawData) -> tuple[Signal, FitResult]:
    """Return the candidate with the largest area, height times width, and its fit."""
    lines = int(raw.attributes["lines"])
    if not lines:
        signals(raw, ("wide",), x_name="frequency")
        raise AnalysisError("no line near the design frequency that a weak drive shows too")
    fitted: list[tuple[float, Signal, FitResult]] = []
    reasons: list[str] = []
    for rank in range(lines):
        try:
            (signal,) = signals(raw, (f"line_{rank}",), x_name="frequency")
            fit = require(fit_signal(fit_qubit_spectroscopy, signal))
        except AnalysisError as error:
            reasons.append(str(error))
            continue
        fitted.append((line_strength(signal, fit), signal, fit))
    if not fitted:
        raise AnalysisError(f"none of {lines} candidate lines holds with a weak drive: {reasons[0]}")
    _, signal, fit = max(fitted, key=lambda entry: entry[0])
    return signal, fit


def _is_line(trace: Trace) -> bool:
    try:
        signal = signal_of(trace)
    except AnalysisError:
        return False
    return fit_qubit_spectroscopy(signal.x, signal.y, sigma=signal.sigma).success
