"""Calibration of the cross-resonance tone by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import ArrayDeclaration, RunParameter
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import IN_USE, MEASUREMENT
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_tasks.declarations import TONE_OUTPUTS, declare_for_both
from qdash_tasks.laboratory import RISE_NS

if TYPE_CHECKING:
    from collections.abc import Mapping

PAIR_IN_USE = MappingProxyType(declare_for_both(IN_USE))
PAIR_MEASUREMENT = MappingProxyType(
    {
        **MEASUREMENT,
        "rise": RunParameter(
            value=RISE_NS, unit="ns", minimum=1.0, maximum=1000.0, description="each edge of the tone"
        ),
    }
)
_COEFFICIENTS = ("IX", "IY", "IZ", "ZX", "ZY", "ZZ")
_PURE = 0.5
"""Largest final ratio of the other terms along X and Y of the target to ZX: above it, cancellation failed.
"""


class CheckCrossResonance(NativeTask):
    """`obtain_cr_params`, into the library's note: four corrected tomographies of the tone for both control
    states.

    The tone is that of QDash, flat with raised-cosine edges of length `rise`; its phases refer to the target's X, and its
    coefficients are those of H/h = 1/2 sum c PQ, so all outputs have their usual meaning. `zx_rotation_rate` is that of the last
    tomography, before the last small correction. The library gives neither errors nor R2; a tone that stays impure is not accepted.
    """

    name = "CheckCrossResonance"
    task_type = "coupling"
    description = "Tone that rotates the target by ZX alone, by qubex's obtain_cr_params."
    expected_s = 120.0
    simultaneous = False  # the library measures one after the other
    note_section = "cr_params"
    input_parameters = PAIR_IN_USE
    run_parameters = MappingProxyType(
        {
            **PAIR_MEASUREMENT,
            "iterations": RunParameter(
                value=4, value_type="int", minimum=2, maximum=20, description="largest number of tomographies"
            ),
        }
    )
    output_parameters = MappingProxyType(TONE_OUTPUTS)
    arrays = MappingProxyType(
        {name.lower(): ArrayDeclaration("MHz", f"{name} in each tomography") for name in _COEFFICIENTS}
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Correct the tone of a pair. Touches hardware."""
        answers = {}
        for label in tasks:
            found = library.obtain_cr_params(
                *label.split("-"),
                **collect_options(tasks, ramptime="rise", n_iterations="iterations"),
                plot=False,
            )
            answers[label] = (found, library.calib_note.get_property(cls.note_section, label))
        return answers

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the tone from the calibration note, and the last tomography."""
        found, entry = answer
        history = {
            name: np.asarray(found["coeffs_history"][name], dtype=float) * 1e3 for name in _COEFFICIENTS
        }
        last = {name: float(values[-1]) for name, values in history.items()}
        rest = float(np.hypot.reduce([last["IX"], last["IY"], last["ZY"]]))
        said = [] if entry is not None else ["the library has written no tone to its note"]
        if not rest < _PURE * abs(last["ZX"]):
            said.append(
                f"the tone is not pure: ZX {last['ZX']:.3g} MHz, IX, IY and ZY together {rest:.3g} MHz"
            )
        tone = {} if entry is None else {name: LibraryValue(*_get_number(entry, name)) for name in _TONE}
        return LibraryResult(
            values={**tone, "zx_rotation_rate": LibraryValue(last["ZX"], None, "MHz")},
            arrays={name.lower(): (values, "MHz") for name, values in history.items()},
            quality={"library_impurity": rest / abs(last["ZX"])},
            said=said,
        )


_TONE = {"cr_amplitude": "a.u.", "cr_phase": "rad", "cancel_amplitude": "a.u.", "cancel_phase": "rad"}


def _get_number(entry: Mapping[str, Any], name: str) -> tuple[float, None, str]:
    """Return a number of the note, where null stands for a non-finite number."""
    number = entry[name]
    return (float("nan") if number is None else float(number), None, _TONE[name])
