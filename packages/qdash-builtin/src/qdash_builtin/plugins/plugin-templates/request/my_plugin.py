"""Request for a sequence of pulses, and a task that measures with it, on every laboratory that plays pulses."""

from dataclasses import dataclass, replace

import numpy as np
import qdash_tasks.laboratory as lab
from qdash_analysis import fit_t1
from qdash_core import InputParameter, OutputParameter, TaskOutput, hookimpl


@dataclass(frozen=True, eq=False)
class MyPluginScan(lab.Request):
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
        return lab.Compiled(tuple(programs), (target,))


class CheckMyPlugin(lab.LaboratoryTask):
    """Time in which a qubit relaxes between two pulses."""

    name = "CheckMyPlugin"
    input_parameters = {**lab.PULSES, "t1": InputParameter(unit="us", description="sets the longest delay")}
    run_parameters = {"shots": lab.SHOTS, "reset": lab.RESET}
    output_parameters = {"my_plugin_t1": OutputParameter(unit="us", minimum=0.0)}
    traces = {"scan": lab.MeasurementDeclaration(MyPluginScan, "signal against the delay")}

    def program(self, laboratory):
        t1_us = self.context.inputs["t1"].value
        scan = MyPluginScan(np.linspace(0.0, 3 * t1_us, 31))
        # Without active reset, each shot begins in |0> after five T1.
        yield lab.MeasurementCall({"scan": scan}, self.context.parameters["shots"], interval_us=5 * t1_us)

    def postprocess(self, backend, result):
        (signal,) = lab.project_signals(lab.require_complete(result), ("scan",), x_name="delay")
        t1 = lab.require_success(lab.fit_signal(fit_t1, signal)).parameters["t1"]
        return TaskOutput({"my_plugin_t1": lab.make_parameter(t1)})


@hookimpl
def qdash_requests():
    return [MyPluginScan]


@hookimpl
def qdash_tasks():
    return [CheckMyPlugin]
