"""Chevron: qubit frequency and Rabi frequency from Rabi oscillations at many drive frequencies."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.declarations import (
    CHEVRON,
    QUBIT_FREQUENCY,
    RABI,
    RABI_FREQUENCY,
    T1_REFERENCE,
    THIRD_LEVEL,
    declare_optional_input,
)
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Chevron
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

_RABI_FREQUENCY = {
    "rabi_frequency": declare_optional_input(
        "MHz", "Rabi frequency at that amplitude; if absent that for which CheckControlAmplitude sets it"
    )
}


class CheckChevron(LaboratoryTask):
    """Rabi oscillations against pulse length and drive frequency, at the drive amplitude in use.

    The map covers three periods, and two and a half Rabi frequencies to each side; it is repeated, centred,
    if its result differs from the expected one. The drive pushes |1> up through |2>: that light shift is
    subtracted from the frequency.
    """

    name = "CheckChevron"
    description = (
        "Rabi oscillations at drive frequencies around the qubit: its frequency and the Rabi frequency."
    )
    expected_s = 6.6
    relaxed = True
    input_parameters = MappingProxyType({**RABI, **_RABI_FREQUENCY, **T1_REFERENCE, **THIRD_LEVEL})
    run_parameters = MappingProxyType(CHEVRON)
    output_parameters = MappingProxyType(
        {"qubit_frequency": QUBIT_FREQUENCY, "rabi_frequency": RABI_FREQUENCY}
    )
    feature_parameters = MAP
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "chevron": MeasurementDeclaration(
                Chevron, "map around the drive frequency in use, or around the resonance found there; fitted"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure around the drive frequency in use."""
        asked = RequestedMap.from_context(self.context)
        settings = laboratory.settings[self.context.qid]
        start = ChevronDrive(
            settings.drive_frequency_ghz, settings.control_amplitude, settings.rabi_frequency_mhz
        )
        yield from measure_chevron(start, asked, laboratory.limits.line(self.context.qid))
        return ThirdLevel.from_context(self.context).attributes()

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the whole map at once."""
        _, fit = fit_map(result)
        frequency, rabi = estimate_undriven(fit, result)
        return TaskOutput(
            {"qubit_frequency": frequency, "rabi_frequency": rabi},
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
