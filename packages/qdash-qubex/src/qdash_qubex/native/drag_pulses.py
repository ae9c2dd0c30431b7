"""DRAG pulses calibrated by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core import ArrayDeclaration
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import MEASUREMENT
from qdash_qubex.native.figures import get_points
from qdash_qubex.native.result_mapping import LibraryResult, get_sweep_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NO_ROOT = 0.0
"""Coefficient that the library returns if its sweep shows none."""


class DragPulse(NativeTask):
    """`calibrate_drag_hpi_pulse` or `calibrate_drag_pi_pulse`, into the library's note.

    Amplitude and coefficient are calibrated alternately, twice.

    The library's DRAG pulse is a Gaussian whose sigma is a quarter of its length, shifted to zero at its ends, 16 ns long for a
    half pi pulse and 24 ns for a pi pulse. Its amplitude and coefficient are not those of QDash's raised cosine (`drag_hpi_amplitude`
    and others): a laboratory that played them would over-rotate. They are therefore only reported here (`library_amplitude`,
    `library_beta_ns`, `library_length_ns`), and the pulse is in the library's note, from which all native tasks play it.

    The library gives the R2 of the amplitude sweep and no errors. If its coefficient sweep has no root, it uses 0 and
    continues: this is a failure here.
    """

    expected_s = 25.0
    simultaneous = False  # the library calibrates one after the other
    run_parameters = MappingProxyType(MEASUREMENT)
    arrays = MappingProxyType(
        {
            "amplitude": ArrayDeclaration("a.u.", "last sweep of the amplitude, shape (points,)"),
            "signal": ArrayDeclaration(
                "", "signal scaled by the library's Rabi calibration, shape (points,)"
            ),
        }
    )
    pulse: ClassVar[str]

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Calibrate a target. Touches hardware."""
        calibrate: Callable[..., Any] = getattr(library, f"calibrate_drag_{cls.pulse}_pulse")
        asked = collect_options(tasks)
        found = calibrate(list(tasks), r2_threshold=cls.minimum_r2, **asked, plot=False)
        return {
            label: (fit, found["beta"].get(label), library.calib_note.get_property(cls.note_section, label))
            for label, fit in found["amplitude"].items()
        }

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return amplitude, coefficient and length; the sweep is only in the figure."""
        fit, beta, entry = answer
        said = [] if entry is not None else ["the library has written no pulse to its note"]
        if beta is None:
            said.append("the library returned no DRAG coefficient")
        elif beta == _NO_ROOT:
            said.append("no DRAG coefficient within the sweep: the library used 0 instead")
        arrays: dict[str, Any] = {}
        if fit.figure is not None:
            amplitudes, signal = (np.asarray(axis, dtype=float) for axis in get_points(fit.figure, "Data"))
            arrays = {"amplitude": (amplitudes, "a.u."), "signal": (signal, "")}
            lowest, highest = get_sweep_ends(amplitudes)
            if not lowest < fit["amplitude"] < highest:
                said.append(
                    f"amplitude {fit['amplitude']:.4g} is not within the sweep, {lowest:.4g} to {highest:.4g}"
                )
        return LibraryResult(
            values={},
            arrays=arrays,
            r2=fit["r2"],
            quality={
                "library_amplitude": float(fit["amplitude"]),
                **({} if beta is None else {"library_beta_ns": float(beta)}),
                **({} if entry is None else {"library_length_ns": float(entry["duration"])}),
            },
            figures=[fit.figure],
            said=said,
        )


class CreateDRAGHPIPulse(DragPulse):
    """Calibration of the half pi pulse with DRAG."""

    name = "CreateDRAGHPIPulse"
    description = "The library's own DRAG half pi pulse, by qubex's calibrate_drag_hpi_pulse, written to its calibration note."
    note_section = "drag_hpi_params"
    pulse = "hpi"


class CreateDRAGPIPulse(DragPulse):
    """Calibration of the pi pulse with DRAG."""

    name = "CreateDRAGPIPulse"
    description = "The library's own DRAG pi pulse, by qubex's calibrate_drag_pi_pulse, written to its calibration note."
    note_section = "drag_pi_params"
    pulse = "pi"
