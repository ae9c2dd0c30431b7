"""Task: coherence time under a Carr-Purcell sequence."""

import numpy as np
from qdash_analysis import fit_t2_echo
from qdash_core import InputParameter, OutputParameter, RunParameter, TaskOutput
from qdash_tasks.laboratory import (
    MEASUREMENT,
    PULSES,
    T1_TRACE,
    LaboratoryTask,
    MeasurementDeclaration,
    fit_signal,
    make_parameter,
    measure_trace,
    project_signals,
    require_complete,
    require_long_interval,
    require_success,
)

from my_echoes.carr_purcell import CarrPurcell


class CheckCarrPurcell(LaboratoryTask):
    """Signal after a Carr-Purcell sequence, over three times the coherence time of a Hahn echo."""

    name = "CheckCarrPurcell"
    description = "Coherence time under a Carr-Purcell sequence, against the total delay."
    relaxed = True
    input_parameters = {
        **PULSES,
        "t2_echo": InputParameter(unit="us", description="Hahn echo coherence time, sets the longest delay"),
    }
    run_parameters = {
        **MEASUREMENT,
        "pulses": RunParameter(value=4, value_type="int", minimum=1, description="Number of Y180"),
    }
    output_parameters = {
        "t2_carr_purcell": OutputParameter(
            unit="us", description="1/e time under a Carr-Purcell sequence, total delay", minimum=0.0
        )
    }
    fit_axes = ("echoes_delay",)
    traces = {
        **T1_TRACE,
        "echoes": MeasurementDeclaration(CarrPurcell, "signal against the total delay"),
    }

    def program(self, laboratory):
        """Choose the delays, and measure them."""
        parameters = self.context.parameters
        delays_us = np.linspace(0.0, 3 * self.context.inputs["t2_echo"].value, 41)
        yield from measure_trace("echoes", CarrPurcell(delays_us, parameters["pulses"]), parameters["shots"])
        return {"pulses": parameters["pulses"]}

    def postprocess(self, backend, result):
        """Fit the decay."""
        require_long_interval(require_complete(result))
        (signal,) = project_signals(result, ("echoes",), x_name="delay")
        fit = require_success(fit_signal(fit_t2_echo, signal))
        return TaskOutput({"t2_carr_purcell": make_parameter(fit.parameters["t2_echo"])}, r2=fit.r2)
