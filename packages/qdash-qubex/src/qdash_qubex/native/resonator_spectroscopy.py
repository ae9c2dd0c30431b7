"""Resonator spectroscopy by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter, RunParameter
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import IN_USE, MEASUREMENT
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends

if TYPE_CHECKING:
    from collections.abc import Mapping


class CheckResonatorSpectroscopy(NativeTask):
    """`measure_reflection_coefficient` around the readout frequency in use: the reflection of one resonance.

    `resonator_frequency` is the resonance with the qubit in |0>, as usual; the library gives no error. Transmission past a
    notch has the same form as a reflection, so it is fitted as well; the linewidths are the library's and are valid for a
    reflection only. The library's map against power (`resonator_spectroscopy`) and its scan of a whole line
    (`scan_resonator_frequencies`) return no number: if the resonance is not known to 25 MHz, call them through
    the session, or run the standard task on the backend `qubex`.
    """

    name = "CheckResonatorSpectroscopy"
    description = "Frequency of the readout resonator, by qubex's measure_reflection_coefficient."
    expected_s = 16.0
    simultaneous = False  # the library measures one after the other
    needs_rabi = False
    minimum_r2: ClassVar[float] = 0.9
    """Limit for complex points and a fit with seven parameters: a lower R2 indicates a second resonance in the
    window.
    """
    input_parameters = MappingProxyType(
        {name: IN_USE[name] for name in ("resonator_frequency", "readout_frequency", "readout_amplitude")}
    )
    run_parameters = MappingProxyType(
        {
            **MEASUREMENT,
            "width": RunParameter(
                value=0.05,
                unit="GHz",
                minimum=0.001,
                maximum=1.0,
                description="width of the frequency window",
            ),
            "step": RunParameter(
                value=0.0005, unit="GHz", minimum=1e-6, maximum=0.01, description="frequency step"
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "resonator_frequency": OutputParameter(
                unit="GHz",
                description="resonance with the qubit in |0>",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            )
        }
    )
    arrays = MappingProxyType(
        {
            "frequency": ArrayDeclaration("GHz", "probe frequency, shape (points,)"),
            "iq": ArrayDeclaration("a.u.", "reflection without the electrical delay, shape (points,)"),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Probe one target. Touches hardware."""
        return {
            label: library.measure_reflection_coefficient(
                label,
                **collect_options(tasks, frequency_width="width", df="step"),
                plot=False,
                save_image=False,
            )
            for label in tasks
        }

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return resonance and linewidths."""
        points = np.asarray(answer["frequency_range"], dtype=float)
        said = [] if "f_r" in answer else ["the library's fit failed"]
        numbers = {
            f"library_{name}_mhz": answer[name] * 1e3 for name in ("kappa_ex", "kappa_in") if name in answer
        }
        values = (
            {}
            if said
            else {
                "resonator_frequency": LibraryValue(float(answer["f_r"]), None, "GHz", get_sweep_ends(points))
            }
        )
        return LibraryResult(
            values=values,
            arrays={
                "frequency": (points, "GHz"),
                "iq": (np.asarray(answer["reflection_coefficients"]), "a.u."),
            },
            r2=answer.get("r2"),
            quality={name: float(number) for name, number in numbers.items()},
            figures=[answer.figure],
            said=said,
        )
