"""Randomized benchmarking with the library's sequences."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_qubex.native.base import NativeTask
from qdash_qubex.native.benchmarking import (
    RANDOM,
    compute_sequence_influence,
    declare_curve_arrays,
    estimate_error,
    explain_missing_decay,
    make_curve,
    make_options,
)
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_tasks.declarations import declare_fidelity

if TYPE_CHECKING:
    from collections.abc import Mapping


class RandomizedBenchmarking(NativeTask):
    """`randomized_benchmarking` of single qubits, with the pulses of the library's note.

    Cliffords are made of X90 and virtual Z.

    `average_gate_fidelity` is 1 − error per Clifford, as everywhere: the library's Cliffords have one X90 on average, too. It
    refers its signal to the Rabi calibration and fits an offset between 0 and 1; all lengths have equal weight in it.
    """

    name = "RandomizedBenchmarking"
    description = "Average fidelity of a Clifford gate, by qubex's randomized_benchmarking."
    expected_s = 60.0
    run_parameters = RANDOM
    output_parameters = MappingProxyType(
        {
            "average_gate_fidelity": declare_fidelity(
                "1 − error per Clifford (a Clifford has one π/2 pulse on average)"
            )
        }
    )
    arrays = declare_curve_arrays("")

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Play the same random sequences on all targets simultaneously. Touches hardware."""
        asked = make_options(tasks)
        found = library.randomized_benchmarking(list(tasks), in_parallel=True, **asked)
        figures = found.figures or {}
        return {label: (data, figures.get(label)) for label, data in found.items()}

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the fidelity, with the error from the scatter of sequences."""
        data, figure = answer
        error = estimate_error(compute_sequence_influence(data, data) / 2)
        return LibraryResult(
            values={"average_gate_fidelity": LibraryValue(data["avg_gate_fidelity"], error)},
            arrays=make_curve(data),
            r2=data["r2"],
            quality={"library_amplitude": data["A"], "library_p": data["p"], "library_offset": data["C"]},
            figures=[figure],
            said=explain_missing_decay(data, floor=0.5),
        )
