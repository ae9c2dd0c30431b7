"""DRAG coefficient of the half pi pulse, from pairs of opposite pulses, and the amplitude that goes with it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declared import MEASUREMENT, pulses_with
from qdash_tasks.figures.raw_traces import raw_traces
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import DragScan, PulseTrain, Ramsey, Relaxation
from qdash_tasks.programs.asks import Measured
from qdash_tasks.programs.drag_search import (
    drawn_pairs,
    expected_beta_ns,
    find_beta,
    fit_pairs,
    require_return,
)
from qdash_tasks.programs.estimates import lowest_r2, parameter, quality
from qdash_tasks.programs.passive_reset import require_long_interval, t1_reference
from qdash_tasks.programs.pulse_trains import HALF_PI, SHORT_TRAIN, played, right_amplitude, train, trained
from qdash_tasks.programs.recording import require_complete
from qdash_tasks.programs.resonance import OFF_FOR_DRAG_MHZ, require_resonance, resonance_trace
from qdash_tasks.programs.rounds import LaboratoryTask

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.asks import Program


class CreateDRAGHPIPulse(LaboratoryTask):
    """Pairs of opposite pulses against the DRAG coefficient, then trains at the one that was found.

    The first window is wide and holds either sign; the next one holds the optimum alone, with as many pairs as still show
    it. Two numbers of pairs tell the optimum from the other extrema. A short Ramsey trace comes first: off resonance the
    pairs have an optimum too, another one, and the task refuses it. With passive reset a T1 trace comes first, and an
    interval of less than five T1 is refused.
    """

    name = "CreateDRAGHPIPulse"
    description = "DRAG coefficient of the half pi pulse, from pairs of opposite pulses, and its amplitude."
    expected_s = 1.5
    input_parameters = pulses_with("hpi_amplitude", "hpi_length")
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            "drag_hpi_amplitude": OutputParameter(
                unit="a.u.",
                description="peak amplitude of the DRAG half pi pulse",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
            ),
            "drag_hpi_beta": OutputParameter(
                unit="ns",
                description="DRAG coefficient of the DRAG half pi pulse: Omega_y = beta dOmega_x/dt",
                minimum=-10.0,
                maximum=10.0,
            ),
        }
    )
    traces = MappingProxyType(
        {
            "reference": Measured(Relaxation, "T1 trace, with passive reset only"),
            "resonance": Measured(Ramsey, "fringes that show whether the drive is on resonance"),
            "fewer": Measured(DragScan, "last window, with fewer pairs of pulses"),
            "more": Measured(DragScan, "last window, with more pairs of pulses"),
            "ground": Measured(PulseTrain, "last train from the ground state"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search the optimum, look closer, and correct the amplitude there."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        pulse, line = laboratory.settings[qid].x90, laboratory.limits.line(qid)
        yield from t1_reference(self.context, laboratory.limits)
        yield from resonance_trace(shots)
        expected_ns = expected_beta_ns(QubitDesign.of(self.context).anharmonicity_ghz)
        known = "drag_hpi_beta" in self.context.inputs
        window, beta = yield from find_beta(HALF_PI, pulse, expected_ns, shots, known=known)
        pairs = {"pairs": list(window.both_pairs)}
        if beta is None:
            # A train says whether the drive is to blame.
            yield from train(HALF_PI, pulse, SHORT_TRAIN, shots)
            return {**played(pulse, line), **pairs}
        pulse = replace(pulse, beta_ns=beta.value)
        last = yield from trained(HALF_PI, pulse, line, shots, known=True)
        return {**played(last, line), **pairs}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last sweep of the coefficient and the last train."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=OFF_FOR_DRAG_MHZ)
        amplitude, train_fit = right_amplitude(result, HALF_PI)
        _, pairs_fit = fit_pairs(result)
        beta = pairs_fit.parameters["beta"]
        require_return(result, beta.value, HALF_PI)
        fits = (pairs_fit, train_fit)
        return TaskOutput(
            {"drag_hpi_amplitude": amplitude, "drag_hpi_beta": parameter(beta)},
            r2=lowest_r2(*fits),
            quality=quality(*fits),
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against the DRAG coefficient for both numbers of pairs; the data alone where the analysis refused them."""
        if not output.parameters:
            return raw_traces(raw, x_name="beta", x_unit="ns")
        return with_values(drawn_pairs(raw, output.parameters["drag_hpi_beta"].value), cls, output)
