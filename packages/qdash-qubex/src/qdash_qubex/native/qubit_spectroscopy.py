"""Qubit spectroscopy by the library."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core import ArrayDeclaration
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import IN_USE, MEASUREMENT
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends
from qdash_tasks.declarations import QUBIT_FREQUENCY
from qdash_tasks.laboratory import AMPLITUDE_RANGE, FREQUENCY_RANGE

if TYPE_CHECKING:
    from collections.abc import Mapping


class CheckQubitSpectroscopy(NativeTask):
    """`measure_qubit_resonance` around the drive frequency in use.

    A long pulse of varying frequency is played during the readout.

    `qubit_frequency` is f01, with the accuracy of spectroscopy: the drive shifts the line, and the fitted readout phase is not a
    population. The library's error, which is the scatter about its line shape, is not the distance from f01 and is
    omitted. The procedure takes the largest line for the qubit without a check: a neighbour's line or f02/2 passes. The library's
    map against power (`qubit_spectroscopy`) and its scan (`scan_qubit_frequencies`) return no number.
    """

    name = "CheckQubitSpectroscopy"
    description = "First estimate of the qubit frequency, by qubex's measure_qubit_resonance: 200 MHz around the frequency in use."
    expected_s = 65.0
    simultaneous = False  # the library measures one after the other
    needs_rabi = False
    minimum_r2: ClassVar[float] = 0.7
    """Limit for a narrow line in 200 points: the deviation of a saturated line from the library's line shape lowers
    R2 by some tenths.
    """
    input_parameters = MappingProxyType(IN_USE)
    run_parameters = MappingProxyType(
        {
            **MEASUREMENT,
            "frequency_range": FREQUENCY_RANGE,
            "drive": replace(
                AMPLITUDE_RANGE,
                value=None,
                value_type="float",
                description="drive amplitude, which widens the line; by default the amplitude in use",
            ),
        }
    )
    output_parameters = MappingProxyType({"qubit_frequency": QUBIT_FREQUENCY})
    arrays = MappingProxyType(
        {
            "frequency": ArrayDeclaration("GHz", "drive frequency, shape (points,)"),
            "phase": ArrayDeclaration("rad", "readout phase, unwrapped, shape (points,)"),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Drive one target. Touches hardware."""
        return {
            label: library.measure_qubit_resonance(
                label,
                **collect_options(tasks, frequency_range="frequency_range", control_amplitude="drive"),
                plot=False,
                save_image=False,
            )
            for label in tasks
        }

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the frequency."""
        points = np.asarray(answer["frequency_range"], dtype=float)
        arrays = {"frequency": (points, "GHz"), "phase": (np.asarray(answer["phases"], dtype=float), "rad")}
        if answer["rabi_rate"] is None:
            return LibraryResult(values={}, arrays=arrays, said=["the library's fit failed"])
        return LibraryResult(
            values={
                "qubit_frequency": LibraryValue(float(answer["f0"]), None, "GHz", get_sweep_ends(points))
            },
            arrays=arrays,
            r2=answer["r2"],
            quality={"library_half_width_mhz": float(answer["Omega"]) * 1e3},
            figures=[answer.figure],
        )
