"""Echoed ZX90 calibrated by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.cross_resonance import PAIR_IN_USE, PAIR_MEASUREMENT
from qdash_qubex.native.declarations import LIBRARY_GATE
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue, get_sweep_ends
from qdash_tasks.declarations import declare_coupling_input

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = (
    "cr_amplitude",
    "cr_phase",
    "cr_beta",
    "cancel_amplitude",
    "cancel_phase",
    "rotary_amplitude",
    "duration",
    "ramptime",
)


class CreateZX90(NativeTask):
    """`calibrate_zx90`, into the library's note.

    Signals of one and of three gates against the tone amplitude cross at the right amplitude.

    The library's gate has a derivative on its tone and the library's own pi pulses in its echo, so its numbers differ from those of
    QDash's gate. They are only reported here (`library_cr_amplitude` and others), and the gate is in the library's note, from which all
    native tasks play it. Its length has a separate name: with `zx90_gate_time` and the tone of CheckCrossResonance
    QDash's tasks would play another gate. If its sweep has no root, the library uses full scale, stores that and continues:
    this is a failure here, and the note is restored.
    The library gives no errors, and no R2 for a polynomial that fits anything.
    """

    name = "CreateZX90"
    task_type = "coupling"
    description = "The library's own echoed ZX90, by qubex's calibrate_zx90, written to its calibration note; run CheckCrossResonance first."
    expected_s = 120.0
    simultaneous = False  # the library calibrates one after the other
    note_section = "cr_params"
    input_parameters = MappingProxyType(
        {
            **PAIR_IN_USE,
            "zx_rotation_rate": declare_coupling_input(
                "MHz", "needed as evidence that the tone is in the library's note"
            ),
        }
    )
    run_parameters = PAIR_MEASUREMENT
    output_parameters = MappingProxyType(
        {
            LIBRARY_GATE: OutputParameter(
                unit="ns",
                description="whole length of the gate in qubex's note, including the pi pulses of the control",
                minimum=0.0,
            )
        }
    )
    arrays = MappingProxyType(
        {
            "amplitude": ArrayDeclaration("a.u.", "amplitude of the tone, shape (points,)"),
            "one": ArrayDeclaration("", "signal of the target after one gate, shape (points,)"),
            "three": ArrayDeclaration("", "signal of the target after three gates, shape (points,)"),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Calibrate the gate of a pair. Touches hardware."""
        answers = {}
        for label in tasks:
            found = library.calibrate_zx90(
                *label.split("-"), **collect_options(tasks, ramptime="rise"), plot=False
            )
            entry = library.calib_note.get_property(cls.note_section, label)
            answers[label] = (found, entry)
        return answers

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:
        """Return the gate in the note."""
        found, entry = answer
        amplitudes, root = np.asarray(found["amplitude_range"], dtype=float), float(found["root"])
        lowest, highest = get_sweep_ends(amplitudes)
        said = []
        if np.isnan(root):
            said.append(f"no amplitude between {lowest:.4g} and {highest:.4g} rotates the target by π/2")
        elif not lowest < root < highest:
            said.append(f"amplitude {root:.4g} is not within the sweep, {lowest:.4g} to {highest:.4g}")
        numbers = {f"library_{name}": entry[name] for name in _NUMBERS} if entry is not None else {}
        gate_ns = library.zx90(*label.split("-")).duration if entry is not None else np.nan
        return LibraryResult(
            values={LIBRARY_GATE: LibraryValue(float(gate_ns), None, "ns")},
            arrays={
                "amplitude": (amplitudes, "a.u."),
                "one": (np.asarray(found["n1"]["signal"], dtype=float), ""),
                "three": (np.asarray(found["n3"]["signal"], dtype=float), ""),
            },
            quality={name: np.nan if number is None else float(number) for name, number in numbers.items()},
            figures=[found.figure],
            said=said,
        )
