"""Energy relaxation at the bench: pi pulse, delay, readout."""

from __future__ import annotations

import numpy as np
from qdash_analysis import fit_t1
from qdash_core import (
    AnalysisError,
    BaseTask,
    OutputParameter,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)


class CheckMyT1(BaseTask):
    """Energy relaxation time (T1) of a qubit."""

    name = "CheckMyT1"
    backend = "my-lab"
    task_type = "qubit"
    description = "Energy relaxation time, from the population after a pi pulse and a delay."
    run_parameters = {
        "shots": RunParameter(
            value=1000, value_type="int", minimum=16, description="repetitions of each point"
        ),
        "time_range": RunParameter(
            value=(0.0, 200_000.0, 41), value_type="np.linspace", unit="ns", minimum=0.0, description="delays"
        ),
    }
    output_parameters = {
        "t1": OutputParameter(
            unit="us", description="energy relaxation time", minimum=0.0, maximum=1e4, jump=0.5
        ),
    }

    def run(self, backend):
        """Measure the decay. Touches hardware."""
        shots = self.context.parameters["shots"]
        delays_us = self.context.parameters["time_range"] * 1e-3
        excited = backend.get_instance().excited_after(int(self.context.qid), delays_us, shots=shots)
        return RawData({"delay": (delays_us, "us"), "excited": (excited, "")}, {"shots": shots})

    def postprocess(self, backend, result):
        """Fit an exponential to the raw data alone, so that the analysis can be repeated."""
        fit = _fit(result)
        t1 = fit.parameters["t1"]
        return TaskOutput(
            parameters={"t1": Parameter(t1.value, t1.error, t1.unit)},
            r2=fit.r2,
            quality={"reduced_chi2": fit.reduced_chi2},
        )

    @classmethod
    def figure(cls, raw, output):
        """Draw points and fit, as plain Plotly JSON; after a failed analysis only the points."""
        points = {
            "type": "scatter",
            "mode": "markers",
            "name": "measured",
            "x": raw["delay"],
            "y": raw["excited"],
        }
        axes = {
            "xaxis": {"title": {"text": "delay (us)"}},
            "yaxis": {"title": {"text": "excited population"}},
        }
        t1 = output.parameters.get("t1")
        if t1 is None:
            return {"data": [points], "layout": axes}
        fine = np.linspace(raw["delay"].min(), raw["delay"].max(), 300)
        fit = {"type": "scatter", "mode": "lines", "name": "fit", "x": fine, "y": _fit(raw).predict(fine)}
        return {"data": [points, fit], "layout": {"title": {"text": f"T1 = {t1.value:.3g} us"}, **axes}}


def _fit(raw):
    """Return the fit; raise if there is no visible decay."""
    shots, excited = raw.attributes["shots"], raw["excited"]
    # Binomial; one success and one failure more than were seen keep the error of an edge away from 0.
    smoothed = (excited * shots + 1) / (shots + 2)
    fit = fit_t1(raw["delay"], excited, sigma=np.sqrt(smoothed * (1 - smoothed) / shots))
    if not fit.success:
        raise AnalysisError(fit.message)
    return fit
