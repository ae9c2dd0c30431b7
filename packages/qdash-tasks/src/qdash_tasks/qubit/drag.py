"""DRAG coefficients of the half pi and the pi pulse, from pairs of opposite pulses, and the amplitudes that go with them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.programs.drag_search import AXIS, fit_pairs, pairs_of, search, wide_window
from qdash_tasks.programs.estimates import lowest_r2, parameter, quality
from qdash_tasks.programs.passive_reset import require_long_interval, t1_reference
from qdash_tasks.programs.pulse_trains import AXIS as TRAIN_AXIS
from qdash_tasks.programs.pulse_trains import (
    SHORT,
    Turn,
    attributes,
    pulse_in_use,
    right_amplitude,
    train,
    trained,
)
from qdash_tasks.programs.resonance import require_resonance, resonance_trace
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.sweep_rounds import Program

_OFF_MHZ = 0.15
"""How far off resonance nothing is said: a detuning turns the qubit as a wrong coefficient does."""


class _CreateDragTask(RoundsTask):
    """Pairs of opposite pulses against the DRAG coefficient, then trains at the one that was found.

    The first window is wide and holds either sign; the next one holds the optimum alone, with as many pairs as still show
    it. Two numbers of pairs tell the optimum from the other extrema. A short Ramsey trace comes first: off resonance the
    pairs have an optimum too, another one, and the task refuses it. With passive reset a T1 trace comes first, and an
    interval of less than five T1 is refused.
    """

    x_name, x_unit = AXIS
    turn: ClassVar[Turn]
    pulse_name: ClassVar[str]
    """What outputs are called after."""

    def sweeps(self, session: Session) -> Program:
        """Search the optimum, look closer, and correct the amplitude there."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        yield from t1_reference(self.repetition, shots)
        yield from resonance_trace(shots)
        pulse = pulse_in_use(session.settings[qid], self.turn)
        known = f"drag_{self.pulse_name}_beta" in self.context.inputs
        expected_ns = -1 / (4 * math.pi * session.design[qid].anharmonicity_ghz)
        wide = wide_window(pulse, self.turn, expected_ns)
        window, found = yield from search(pulse, self.turn, wide, shots, known=known)
        noted = {"pairs": list(pairs_of(window))}
        if found is None:
            # A train says whether the drive is to blame.
            yield from train(pulse, self.turn, SHORT, shots)
            return {**attributes(pulse), **noted}
        pulse = replace(pulse, beta_ns=found.value)
        last = yield from trained(pulse, self.turn, shots, known=True)
        return {**attributes(last), **noted}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last sweep of the coefficient and the last train."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=_OFF_MHZ)
        amplitude, trained_fit = right_amplitude(result, self.turn)
        _, sweep = fit_pairs(result)
        _require_return(result, sweep.parameters["beta"].value, self.turn)
        fits = (sweep, trained_fit)
        return TaskOutput(
            {
                f"drag_{self.pulse_name}_amplitude": amplitude,
                f"drag_{self.pulse_name}_beta": parameter(sweep.parameters["beta"]),
            },
            r2=lowest_r2(*fits),
            quality=quality(*fits),
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against the DRAG coefficient, for both numbers of pairs."""
        found, fit = fit_pairs(raw)
        data = []
        for row, (pairs, signal) in enumerate(zip(raw.attributes["pairs"], found, strict=True)):
            data += [points(f"{pairs} pairs", signal), curve("fit", _row_of(fit, row), signal.x)]
        beta = output.parameters[f"drag_{cls.pulse_name}_beta"]
        title = f"DRAG coefficient {beta.value:.4g} ns"
        return figure(title, "DRAG coefficient (ns)", "signal (a.u.)", data)


class CreateDRAGHPIPulse(_CreateDragTask, declarations.CreateDRAGHPIPulse):
    """DRAG coefficient and amplitude of the half pi pulse."""

    expected_s = 1.5
    turn, pulse_name = "half pi", "hpi"


class CreateDRAGPIPulse(_CreateDragTask, declarations.CreateDRAGPIPulse):
    """DRAG coefficient and amplitude of the pi pulse."""

    expected_s = 1.6
    turn, pulse_name = "pi", "pi"


def _row_of(fit: FitResult, row: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the curve of one of the traces."""
    return lambda x: np.asarray(fit.predict(x)[row])


def _require_return(raw: RawData, beta_ns: float, turn: Turn) -> None:
    """Raise `AnalysisError` unless pairs at the optimum bring the qubit back to |0> better than those elsewhere.

    The train knows in which direction of the IQ plane |1> lies. Far off resonance the pairs of all coefficients turn the
    qubit, and what looks like an optimum is where they excite it most.
    """
    counts, iq = raw[f"ground_{TRAIN_AXIS[0]}"], raw["ground_iq"]
    excited = 2 if turn == "half pi" else 1
    up = complex(iq[counts == excited][0] - iq[counts == 0][0])
    near = np.abs(raw[f"more_{AXIS[0]}"] - beta_ns) < np.ptp(raw[f"more_{AXIS[0]}"]) / 4
    away = complex(raw["more_iq"][~near].mean() - raw["more_iq"][near].mean())
    if (away * up.conjugate()).real <= 0:
        raise AnalysisError(
            f"pairs of pulses excite the qubit most at {beta_ns:.3g} ns instead of bringing it back: the drive is not "
            "on resonance. Calibrate the frequency first"
        )
