"""Fine chevron: frequency, amplitude and Rabi frequency, close to the result of a coarse one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import (
    CHEVRON,
    CONTROL_AMPLITUDE,
    DRIVEN_T1_REFERENCE,
    QUBIT_FREQUENCY,
    RABI_FREQUENCY,
    READOUT,
    THIRD_LEVEL,
    declare_optional_input,
)
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Chevron
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.chevron_map import (
    ChevronDrive,
    RequestedMap,
    draw_map,
    draw_map_without_fit,
    estimate_undriven,
    fit_map,
    measure_chevron,
)
from qdash_tasks.programs.estimates import make_quality
from qdash_tasks.programs.features.lines import MAP, describe_map
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.third_level import ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program


class CheckFineChevron(LaboratoryTask):
    """Rabi oscillations against pulse length and drive frequency, at the amplitude for the usual Rabi
    frequency.

    The map is repeated with another amplitude and centre until the Rabi frequency is within 5 % of the usual
    one.
    """

    name = "CheckFineChevron"
    aliases = ("ChevronPattern",)
    description = "Rabi oscillations in a narrow window around the result of a coarse chevron: frequency, amplitude, Rabi frequency."
    expected_s = 6.6
    relaxed = True
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "coarse_qubit_frequency": declare_optional_input(
                "GHz", "centre of the sweep; the drive frequency in use if absent"
            ),
            "coarse_control_amplitude": declare_optional_input(
                "a.u.", "drive amplitude; the one in use if absent"
            ),
            **DRIVEN_T1_REFERENCE,
            **THIRD_LEVEL,
        }
    )
    run_parameters = MappingProxyType(CHEVRON)
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "control_amplitude": CONTROL_AMPLITUDE,
            "rabi_frequency": RABI_FREQUENCY,
        }
    )
    feature_parameters = MAP
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "chevron": MeasurementDeclaration(
                Chevron, "map at the coarse values, or at refined ones; fitted"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure a chevron around the coarse frequency, or the one in use, at the usual Rabi frequency."""
        asked, inputs = RequestedMap.from_context(self.context), self.context.inputs
        settings = laboratory.settings[self.context.qid]
        frequency, amplitude = inputs.get("coarse_qubit_frequency"), inputs.get("coarse_control_amplitude")
        start = ChevronDrive(
            settings.drive_frequency_ghz if frequency is None else frequency.value,
            settings.control_amplitude if amplitude is None else amplitude.value,
            settings.rabi_frequency_mhz if amplitude is None else USUAL_RABI_MHZ,
        )
        line = laboratory.limits.line(self.context.qid)
        driven = yield from measure_chevron(start, asked, line, rescale_mhz=USUAL_RABI_MHZ)
        third = ThirdLevel.from_context(self.context)
        return {**third.attributes(), "control_amplitude": driven.amplitude}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the whole map at once."""
        _, fit = fit_map(result)
        frequency, rabi = estimate_undriven(fit, result)
        return TaskOutput(
            {
                "qubit_frequency": frequency,
                # It was set, not measured: it has no error.
                "control_amplitude": Parameter(float(result.attributes["control_amplitude"]), None, "a.u."),
                "rabi_frequency": rabi,
            },
            r2=fit.r2,
            quality=make_quality(fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_map(raw, "chevron")

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the map with the fitted resonance; the map alone if the analysis rejected it."""
        return add_value_box(draw_map(raw), cls, output) if output.parameters else draw_map_without_fit(raw)
