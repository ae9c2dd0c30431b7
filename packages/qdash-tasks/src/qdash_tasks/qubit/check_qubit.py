"""Quick check of a qubit: whether the drive in use makes a Rabi oscillation, and how fast."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_analysis import fit_rabi
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    CONTROL_AMPLITUDE,
    DRIVE,
    MEASUREMENT,
    RABI_FREQUENCY,
    T1_REFERENCE,
    THIRD_LEVEL,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Rabi
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.oscillations import RABI as RABI_FEATURES
from qdash_tasks.programs.features.oscillations import describe_rabi
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.projection import Signal, fit_signal, project_signals
from qdash_tasks.programs.rabi_durations import FEWEST_POINTS, SEARCH_NS, round_durations
from qdash_tasks.programs.rabi_resonance import check_resonance
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.third_level import SLOWER_AT_F01, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_FULL, _HALF = "rabi", "half"


class CheckQubit(LaboratoryTask):
    """Rabi oscillation at the frequency and the amplitude in use, in one call and without a search.

    A second trace at half the amplitude shows a detuned drive, which the task rejects: the oscillation of a
    detuned drive is faster than the Rabi frequency. It changes no setting: CheckRabi sets the amplitude.
    """

    name = "CheckQubit"
    description = (
        "Quick check that the drive in use makes the qubit oscillate; Rabi frequency at that amplitude."
    )
    expected_s = 1.0
    relaxed = True
    input_parameters = MappingProxyType(
        {
            **DRIVE,
            "control_amplitude": declare_optional_input("a.u.", "drive amplitude; the one in use if absent"),
            **T1_REFERENCE,
            **THIRD_LEVEL,
        }
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "rabi_amplitude": OutputParameter(
                unit="a.u.", description="amplitude of the oscillation in the IQ plane", minimum=0.0
            ),
            "rabi_frequency": RABI_FREQUENCY,
            "control_amplitude": CONTROL_AMPLITUDE,
        }
    )
    fit_axes = (f"{_FULL}_duration",)
    feature_parameters = RABI_FEATURES
    traces = MappingProxyType(
        {
            **T1_TRACE,
            _FULL: MeasurementDeclaration(Rabi, "oscillation at the amplitude in use; fitted"),
            _HALF: MeasurementDeclaration(
                Rabi, "oscillation at half that amplitude, to detect a detuned drive"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure the oscillation at the amplitude in use and at half of it, in one call."""
        qid = self.context.qid
        asked = read_requested_sweep(self.context, "time_range", fewest=FEWEST_POINTS)
        lengths = round_durations(laboratory, qid, SEARCH_NS if asked is None else asked)
        amplitude = laboratory.settings[qid].control_amplitude
        both = {_FULL: Rabi(lengths, amplitude), _HALF: Rabi(lengths, amplitude / 2)}
        yield from measure_traces(both, self.context.parameters["shots"])
        third = ThirdLevel.from_context(self.context).attributes()
        return {**third, "control_amplitude": amplitude, "found": True}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the oscillation at the amplitude in use; reject a detuned drive."""
        _, fit = _fit_oscillation(require_complete(result))
        frequency = ThirdLevel.from_raw_data(result).correct_rabi_frequency(
            fit.parameters["frequency"], SLOWER_AT_F01
        )
        found = check_resonance(result, frequency, half=_HALF)
        amplitude = fit.parameters["amplitude"]
        return TaskOutput(
            {
                "rabi_amplitude": Parameter(amplitude.value, amplitude.error, "a.u."),
                "rabi_frequency": make_parameter(found),
                # It was in use, not measured: it has no error.
                "control_amplitude": Parameter(float(result.attributes["control_amplitude"]), None, "a.u."),
            },
            r2=fit.r2,
            quality=make_quality(fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_rabi(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against pulse length with its fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="duration", x_unit="ns")
        signal, fit = _fit_oscillation(raw)
        found, amplitude = output.parameters["rabi_frequency"], raw.attributes["control_amplitude"]
        title = f"Rabi frequency {quantity(f'{found.value:.5g}', 'MHz')} at amplitude {amplitude:.4g}"
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        drawn = figure(title, "Pulse length (ns)", "Signal (a.u.)", data)
        return add_value_box(drawn, cls, output)


def _fit_oscillation(raw: RawData) -> tuple[Signal, FitResult]:
    (signal,) = project_signals(raw, (_FULL,), x_name="duration")
    return signal, require_success(fit_signal(fit_rabi, signal))
