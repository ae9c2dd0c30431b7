"""Pulses without DRAG, calibrated by the library's trains."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter
from qdash_qubex.native.base import NativeTask, collect_options, get_label
from qdash_qubex.native.declarations import IN_USE, MEASUREMENT
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends
from qdash_tasks.declarations import declare_optional_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core import BaseBackend

logger = logging.getLogger(__name__)

_USUAL_NS = 32.0
"""Default length of the library for either pulse."""


def _declare_outputs(pulse: str, words: str) -> MappingProxyType[str, OutputParameter]:
    return MappingProxyType(
        {
            f"{pulse}_amplitude": OutputParameter(
                unit="a.u.",
                description=f"peak amplitude of the {words} pulse",
                minimum=0.0,
                maximum=1.0,
                jump=0.5,
            ),
            f"{pulse}_length": OutputParameter(
                unit="ns", description=f"length of the {words} pulse", minimum=1.0, maximum=10_000.0
            ),
        }
    )


class PlainPulse(NativeTask):
    """`calibrate_hpi_pulse` or `calibrate_pi_pulse`, into the library's note.

    The amplitude of a pulse train of one full turn is swept.

    The library's pulse is flat with raised-cosine edges. With edges of half its length it is a raised cosine, which is QDash's pulse
    for these outputs. The task requests this shape, with the chip's length, else that of the design, else
    the library's default of 32 ns. The library gives no error.

    The library plays a DRAG pulse if its note has one, however old. When a pulse is accepted, an older DRAG pulse is therefore
    removed from the note, so that the last calibrated pulse is played.
    """

    expected_s = 5.0
    simultaneous = False  # the library calibrates one after the other
    run_parameters = MappingProxyType(MEASUREMENT)
    arrays = MappingProxyType(
        {
            "amplitude": ArrayDeclaration("a.u.", "swept values, shape (points,)"),
            "iq": ArrayDeclaration("a.u.", "mean of the shots in the IQ plane, shape (points,)"),
            "signal": ArrayDeclaration(
                "", "signal fitted by the library, scaled by its Rabi calibration, shape (points,)"
            ),
        }
    )
    pulse: ClassVar[str]

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Calibrate a target. Touches hardware."""
        answers: dict[str, Any] = {}
        for label, task in tasks.items():
            length_ns = cls._get_length_ns(task)
            found = getattr(library, f"calibrate_{cls.pulse}_pulse")(
                [label],
                **collect_options(tasks),
                duration=length_ns,
                ramptime=length_ns / 2,
                r2_threshold=cls.minimum_r2,
                plot=False,
            )
            answers |= {label: (data, length_ns) for label, data in found.data.items()}
        return answers

    @classmethod
    def _get_length_ns(cls, task: NativeTask) -> float:
        name, context = f"{cls.pulse}_length", task.context
        if name in context.inputs:
            return context.inputs[name].value
        return context.design.get(context.qid, {}).get(name, _USUAL_NS)

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the amplitude and the given length."""
        data, length_ns = answer
        amplitudes = np.asarray(data.sweep_range, dtype=float)
        return LibraryResult(
            values={
                f"{cls.pulse}_amplitude": LibraryValue(
                    float(data.calib_value), None, "a.u.", get_sweep_ends(amplitudes)
                ),
                f"{cls.pulse}_length": LibraryValue(length_ns, None, "ns"),
            },
            arrays={
                "amplitude": (amplitudes, "a.u."),
                "iq": (np.asarray(data.data), "a.u."),
                "signal": (np.asarray(data.normalized, dtype=float), ""),
            },
            r2=data.r2,
            figures=[data.fit(plot=False).figure],
        )

    def accepted(self, backend: BaseBackend) -> None:
        """Apply the pulse to the library, replacing an earlier DRAG pulse."""
        super().accepted(backend)
        library = backend.get_instance()
        section, label = f"drag_{self.note_section}", get_label(library, self)
        if label in library.calib_note.get(section):
            library.calib_note.remove_property(section, label)
            logger.info(
                "%s: the former DRAG pulse has been removed from qubex's note: calibrate it again", label
            )


class CreateHPIPulse(PlainPulse):
    """Calibration of the half pi pulse without DRAG."""

    name = "CreateHPIPulse"
    description = "Amplitude of the half pi pulse, by qubex's calibrate_hpi_pulse."
    note_section = "hpi_params"
    pulse = "hpi"
    input_parameters = MappingProxyType({**IN_USE, "hpi_length": declare_optional_input("ns", "its length")})
    output_parameters = _declare_outputs("hpi", "half pi")


class CreatePIPulse(PlainPulse):
    """Calibration of the pi pulse without DRAG."""

    name = "CreatePIPulse"
    description = "Amplitude of the pi pulse, by qubex's calibrate_pi_pulse."
    note_section = "pi_params"
    pulse = "pi"
    input_parameters = MappingProxyType({**IN_USE, "pi_length": declare_optional_input("ns", "its length")})
    output_parameters = _declare_outputs("pi", "pi")
