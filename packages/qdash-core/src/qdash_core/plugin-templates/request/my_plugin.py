"""Request for a sequence of pulses, and a task that measures with it, on every laboratory that plays pulses."""

from dataclasses import dataclass, replace

import numpy as np
from qdash_core import OutputParameter, Parameter, TaskOutput, hookimpl
from qdash_tasks.laboratory import (
    MEASUREMENT,
    Compiled,
    LaboratoryTask,
    MeasurementDeclaration,
    Request,
    measure_trace,
)


@dataclass(frozen=True, eq=False)
class MyPluginScan(Request):
    """X180, delay, X180: iq against the delay, shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: np.ndarray

    def on_grid(self, limits, target):
        played_ns = [limits.gap_on_grid(target, 1e3 * delay) for delay in self.delays_us]
        return replace(self, delays_us=1e-3 * np.array(played_ns))

    def compiled(self, target, at):
        programs = []
        for delay_us in self.delays_us:
            line = at.timeline()
            line.pulse(target, at.settings[target].x180)
            line.wait(target, 1e3 * delay_us)
            line.pulse(target, at.settings[target].x180)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


class CheckMyPlugin(LaboratoryTask):
    """Range of the signal after two pulses."""

    name = "CheckMyPlugin"
    description = "Range of the signal after two pulses."
    run_parameters = MEASUREMENT
    output_parameters = {"my_plugin_range": OutputParameter(unit="a.u.", minimum=0.0)}
    traces = {"scan": MeasurementDeclaration(MyPluginScan, "signal against the delay")}

    def program(self, laboratory):
        """Choose the delays, and measure them."""
        scan = MyPluginScan(np.linspace(0.0, 200.0, 21))
        yield from measure_trace("scan", scan, self.context.parameters["shots"])
        return {}

    def postprocess(self, backend, result):
        return TaskOutput(
            {"my_plugin_range": Parameter(float(np.ptp(np.abs(result["scan_iq"]))), None, "a.u.")}
        )


@hookimpl
def qdash_requests():
    return [MyPluginScan]


@hookimpl
def qdash_tasks():
    return [CheckMyPlugin]
