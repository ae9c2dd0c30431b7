"""Coarse chevron: a first frequency and amplitude if only the design is known."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError, NoSignalError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    CHEVRON,
    DRIVEN_T1_REFERENCE,
    READOUT,
    THIRD_LEVEL,
)
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import Chevron
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.chevron_map import (
    ChevronDrive,
    ChevronMap,
    RequestedMap,
    draw_map,
    draw_map_without_fit,
    estimate_undriven,
    find_resonance,
    fit_map,
    measure_chevron,
    space_times_evenly,
)
from qdash_tasks.programs.estimates import make_quality
from qdash_tasks.programs.features.lines import MAP, describe_map
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.search_windows import search_windows
from qdash_tasks.programs.third_level import ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_HALF_WIDTH_GHZ = 0.165
# Amplitude, drive frequencies, longest pulse (ns), points. ChevronDrive lines differ fivefold, so a short strong
# pulse follows if a weaker one rotated nothing: the first detects 3.5 to 18 MHz, the second 12 to 60.
_SEARCHES = ((0.06, 67, 208.0, 27), (0.2, 42, 100.0, 26))
_SHARE = 0.25
_FARTHEST = 0.3


class CheckCoarseChevron(LaboratoryTask):
    """Search with short strong pulses around the design frequency, then a chevron at the usual Rabi
    frequency.

    A strong pulse excites the qubit within its Rabi frequency, so few steps cover the window. The result is
    measured again at the amplitude for the standard Rabi frequency. There f01 rotates as fast as the search
    predicts; f02/2, whose Rabi frequency scales with the square of the amplitude, does not. It finds the
    qubit if a spectroscopy has not.
    """

    name = "CheckCoarseChevron"
    description = "Rabi oscillations over a wide frequency window around the design: first estimates of frequency and amplitude."
    expected_s = 10.0
    relaxed = True
    input_parameters = MappingProxyType({**READOUT, **DRIVEN_T1_REFERENCE, **THIRD_LEVEL})
    run_parameters = MappingProxyType(CHEVRON)
    output_parameters = MappingProxyType(
        {
            "coarse_qubit_frequency": OutputParameter(
                unit="GHz", description="first estimate of f01", minimum=0.5, maximum=20.0, jump=0.02
            ),
            "coarse_control_amplitude": OutputParameter(
                unit="a.u.",
                description="drive amplitude for the standard Rabi frequency",
                minimum=0.0,
                maximum=1.0,
                line="drive",
            ),
        }
    )
    feature_parameters = MAP
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "wide": MeasurementDeclaration(
                Chevron, "last map of the search, over a wide window around the design frequency"
            ),
            "chevron": MeasurementDeclaration(
                Chevron, "map around the resonance found, at the standard Rabi frequency; fitted"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search for the resonance, then measure a chevron there."""
        asked = RequestedMap.from_context(self.context)
        line = laboratory.limits.line(self.context.qid)
        found = yield from self._search_resonance(line, asked)
        third = ThirdLevel.from_context(self.context).attributes()
        if found is None:
            return {**third, "found": False}
        amplitude = min(found.amplitude * USUAL_RABI_MHZ / found.rabi_mhz, line.largest_amplitude)
        start = ChevronDrive(found.frequency_ghz, amplitude, amplitude / found.amplitude * found.rabi_mhz)
        driven = yield from measure_chevron(start, RequestedMap(asked.shots), line)
        return {
            **third,
            "found": True,
            "control_amplitude": driven.amplitude,
            "expected_mhz": start.rabi_mhz,
        }

    def _search_resonance(
        self, line: LineLimits, asked: RequestedMap
    ) -> Generator[MeasurementCall, Mapping[str, Answer], ChevronDrive | None]:
        """Search the requested ranges with growing amplitude; return the drive at resonance, or None."""
        shots = max(round(_SHARE * asked.shots), 16)
        design_ghz = QubitDesign.from_context(self.context).qubit_frequency_ghz
        for full_amplitude, count, longest_ns, points in _SEARCHES:
            amplitude = min(full_amplitude, line.largest_amplitude)
            durations = asked.times_ns
            if durations is None:
                durations = space_times_evenly(longest_ns, points, line)
            if asked.frequencies_ghz is None:
                offsets = np.linspace(-_HALF_WIDTH_GHZ, _HALF_WIDTH_GHZ, count)
                windows = search_windows(design_ghz, offsets, line.frequencies_ghz)
            else:
                windows = [asked.frequencies_ghz]
            for rows in windows:
                trace = yield from measure_trace("wide", Chevron(durations, rows, amplitude=amplitude), shots)
                seen = find_resonance(trace)
                if seen is not None:
                    frequency, rabi = seen
                    return ChevronDrive(frequency, amplitude, rabi)
        return None

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the chevron at the standard Rabi frequency."""
        if result.attributes.get("found") is False:
            ChevronMap.from_raw_data(result, "wide")
            raise NoSignalError("no chevron within the window that was searched")
        _, fit = fit_map(result)
        frequency, rabi = estimate_undriven(fit, result)
        expected = float(result.attributes["expected_mhz"])
        if abs(rabi.value / expected - 1) > _FARTHEST:
            raise AnalysisError(
                f"an oscillation of {rabi.value:.4g}\N{NO-BREAK SPACE}MHz, but the wide chevron at another amplitude predicts "
                f"{expected:.4g}\N{NO-BREAK SPACE}MHz: f02/2, or a drive that is not linear"
            )
        amplitude = float(result.attributes["control_amplitude"])
        return TaskOutput(
            {
                "coarse_qubit_frequency": frequency,
                # It was set, not measured: it has no error.
                "coarse_control_amplitude": Parameter(amplitude * USUAL_RABI_MHZ / rabi.value, None, "a.u."),
            },
            r2=fit.r2,
            quality=make_quality(fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_map(raw, "chevron", "wide")

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the map with the fitted resonance; the last map alone if the analysis rejected it."""
        return add_value_box(draw_map(raw), cls, output) if output.parameters else draw_map_without_fit(raw)
