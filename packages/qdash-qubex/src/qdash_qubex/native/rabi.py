"""Rabi oscillation measured by the library, as the reference of its signals."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core import ArrayDeclaration, OutputParameter
from qdash_qubex.native.base import NativeTask, collect_options
from qdash_qubex.native.declarations import TIMES
from qdash_qubex.native.reference import SECTION, SMALLEST_R2, get_wait_ns, make_reference_note
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_tasks.declarations import CONTROL_AMPLITUDE, MAXIMUM_RABI_FREQUENCY, RABI_FREQUENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLANE = {
    "rabi_amplitude": ("amplitude", "a.u.", "amplitude of the oscillation in the IQ plane"),
    "rabi_offset": ("offset", "a.u.", "middle of the oscillation along its axis of the IQ plane"),
    "rabi_phase": ("phase", "rad", "phase of the oscillation at length zero"),
    "rabi_angle": ("angle", "rad", "angle of the oscillation's axis in the IQ plane"),
    "rabi_noise": ("noise", "a.u.", "standard deviation across the oscillation's axis"),
    "rabi_distance": ("distance", "a.u.", "distance of the oscillation's axis from the origin"),
}
_WITH_ERRORS = ("amplitude", "offset", "phase")
_SAME = 1e-4


class CheckRabi(NativeTask):
    """`obtain_rabi_params`, stored in the library's note.

    A flat pulse with soft edges, of increasing length, at the amplitude in use.

    `control_amplitude` is the played amplitude, and `rabi_frequency` the measured frequency; the library selects no other amplitude.
    A detuned drive increases the frequency, which the library does not notice. IQ values have the library's units, which
    are sums over the samples of the readout.
    """

    name = "CheckRabi"
    description = "Rabi oscillation at the drive amplitude in use, by qubex's obtain_rabi_params; it scales all of qubex's signals."
    expected_s = 9.0
    needs_rabi = False
    note_section = SECTION
    minimum_r2: ClassVar[float] = SMALLEST_R2
    run_parameters = MappingProxyType(TIMES)
    output_parameters = MappingProxyType(
        {
            "control_amplitude": CONTROL_AMPLITUDE,
            "rabi_frequency": RABI_FREQUENCY,
            "maximum_rabi_frequency": MAXIMUM_RABI_FREQUENCY,
            **{
                name: OutputParameter(unit=unit, description=description)
                for name, (_, unit, description) in _PLANE.items()
            },
        }
    )
    arrays = MappingProxyType(
        {
            "duration": ArrayDeclaration(
                "ns", "length of the pulse, with half of each edge, shape (points,)"
            ),
            "iq": ArrayDeclaration("a.u.", "mean of the shots in the IQ plane, shape (points,)"),
        }
    )

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Drive all targets in one program. Touches hardware."""
        asked = collect_options(tasks, time_range="time_range")
        found = library.obtain_rabi_params(
            list(tasks), **asked, simultaneous=True, fit_threshold=cls.minimum_r2, plot=False
        )
        return {label: (data, get_wait_ns(asked)) for label, data in found.data.items()}

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:
        """Return the results, with errors from a repeated fit, since the library omits them."""
        data, _ = answer
        lengths, param = np.asarray(data.time_range, dtype=float), data.rabi_param
        # Which end of the oscillation is |0>: without it the fit may be drawn upside down.
        ground = complex(param.distance, param.offset + param.amplitude) * np.exp(1j * param.angle)
        reference = {"reference_point": ground} if np.isfinite(ground) else {}
        fit = data.fit(is_damped=True, warn_low_r2=False, plot=False, **reference)
        again = math.isclose(fit.get("frequency", math.nan), param.frequency, rel_tol=_SAME)
        error = fit["frequency_err"] if again else None
        amplitude = float(library.params.get_control_amplitude(label))
        limits = (1e3 / np.ptp(lengths), 0.5e3 / np.max(np.diff(lengths)))
        frequency = LibraryValue(param.frequency * 1e3, None if error is None else error * 1e3, "MHz", limits)
        return LibraryResult(
            values={
                "control_amplitude": LibraryValue(amplitude, None, "a.u."),
                "rabi_frequency": frequency,
                "maximum_rabi_frequency": LibraryValue(
                    frequency.value / amplitude,
                    None if frequency.error is None else frequency.error / amplitude,
                    "MHz/a.u.",
                ),
                **{
                    name: LibraryValue(
                        getattr(param, field),
                        fit[f"{field}_err"] if again and field in _WITH_ERRORS else None,
                        unit,
                    )
                    for name, (field, unit, _) in _PLANE.items()
                },
            },
            arrays={"duration": (lengths, "ns"), "iq": (np.asarray(data.data), "a.u.")},
            r2=fit.get("r2", math.nan),
            figures=[fit.figure],
        )

    @classmethod
    def make_state(cls, library: Any, label: str, answer: Any) -> Any:
        """Return the note entry with the readout settings of its measurement."""
        _, wait_ns = answer
        entry = super().make_state(library, label, answer)
        return entry and {**entry, **make_reference_note(library, label, wait_ns)}
