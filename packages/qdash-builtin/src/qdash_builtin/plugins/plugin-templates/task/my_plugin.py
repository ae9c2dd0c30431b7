"""Task for every laboratory that plays pulses, with its measurement and its analysis."""

import numpy as np
from qdash_analysis import fit_t1
from qdash_core import OutputParameter, TaskOutput, hookimpl
from qdash_tasks.laboratory import (
    MEASUREMENT,
    PULSES,
    LaboratoryTask,
    MeasurementDeclaration,
    Relaxation,
    fit_signal,
    make_parameter,
    measure_trace,
    project_signals,
    require_complete,
    require_success,
)


class CheckMyPlugin(LaboratoryTask):
    """Decay of an excited qubit over 200 microseconds."""

    name = "CheckMyPlugin"
    description = "Decay time of an excited qubit."
    input_parameters = PULSES
    run_parameters = MEASUREMENT
    output_parameters = {"my_plugin_time": OutputParameter(unit="us", minimum=0.0)}
    fit_axes = ("decay_delay",)
    traces = {"decay": MeasurementDeclaration(Relaxation, "signal against the delay")}

    def program(self, laboratory):
        """Choose the delays, and measure them."""
        delays_us = np.linspace(0.0, 200.0, 41)
        yield from measure_trace("decay", Relaxation(delays_us), self.context.parameters["shots"])

    def postprocess(self, backend, result):
        """Fit the decay. Sees no hardware."""
        (signal,) = project_signals(require_complete(result), ("decay",), x_name="delay")
        fit = require_success(fit_signal(fit_t1, signal))
        return TaskOutput({"my_plugin_time": make_parameter(fit.parameters["t1"])}, r2=fit.r2)


@hookimpl
def qdash_tasks():
    return [CheckMyPlugin]
