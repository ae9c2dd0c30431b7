"""Interleaved randomized benchmarking of X90, X180 and ZX90 with the library's sequences."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

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
from qdash_qubex.native.cross_resonance import PAIR_IN_USE
from qdash_qubex.native.declarations import LIBRARY_GATE
from qdash_qubex.native.result_mapping import LibraryResult, LibraryValue
from qdash_tasks.declarations import declare_coupling_input, declare_fidelity

if TYPE_CHECKING:
    from collections.abc import Mapping

_ARRAYS = declare_curve_arrays("reference_", "interleaved_")


class InterleavedBenchmarking(NativeTask):
    """Interleaved randomized benchmarking of one gate, by `interleaved_randomized_benchmarking`.

    The fidelity has its usual definition, 1 - (d - 1)/d (1 - p/p'), and may exceed 1 within its error. R2 is
    the lower one of the two decays.
    """

    expected_s = 120.0
    run_parameters = RANDOM
    arrays = _ARRAYS
    gate: ClassVar[str]
    floor: ClassVar[float] = 0.5
    output: ClassVar[str]

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Play the same random sequences on all targets simultaneously. Touches hardware."""
        asked = make_options(tasks)
        found = library.interleaved_randomized_benchmarking(
            list(tasks), interleaved_clifford=cls.gate, in_parallel=True, **asked
        )
        figures = found.figures or {}
        return {label: (data, figures.get(label)) for label, data in found.items()}

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the fidelity, with the error from the scatter of sequences."""
        data, figure = answer
        reference, interleaved = data["rb_fit_result"], data["irb_fit_result"]
        # Both decays use the same random sequences.
        moves = (
            compute_sequence_influence(data["irb_data"], interleaved)
            - compute_sequence_influence(data["rb_data"], reference) * interleaved["p"] / reference["p"]
        )
        error = estimate_error((1 - cls.floor) / reference["p"] * moves)
        return LibraryResult(
            values={cls.output: LibraryValue(data["gate_fidelity"], error)},
            arrays=make_curve(data["rb_data"], "reference_") | make_curve(data["irb_data"], "interleaved_"),
            r2=min(reference["r2"], interleaved["r2"]),
            quality={"library_p": reference["p"], "library_p_interleaved": interleaved["p"]},
            figures=[figure],
            said=[
                one for fit in (reference, interleaved) for one in explain_missing_decay(fit, floor=cls.floor)
            ],
        )


class X90InterleavedRandomizedBenchmarking(InterleavedBenchmarking):
    """Interleaved randomized benchmarking of the half pi pulse in the library's note."""

    name = "X90InterleavedRandomizedBenchmarking"
    description = "Fidelity of the half pi pulse, by qubex's interleaved_randomized_benchmarking."
    gate = "X90"
    output = "x90_gate_fidelity"
    output_parameters = MappingProxyType({output: declare_fidelity("average fidelity of the half pi pulse")})


class X180InterleavedRandomizedBenchmarking(InterleavedBenchmarking):
    """Interleaved randomized benchmarking of the pi pulse in the library's note."""

    name = "X180InterleavedRandomizedBenchmarking"
    description = "Fidelity of the pi pulse, by qubex's interleaved_randomized_benchmarking."
    gate = "X180"
    output = "x180_gate_fidelity"
    output_parameters = MappingProxyType({output: declare_fidelity("average fidelity of the pi pulse")})


class ZX90InterleavedRandomizedBenchmarking(InterleavedBenchmarking):
    """Interleaved randomized benchmarking of the ZX90 in the library's note.

    Shots are classified by the library's classifiers.
    """

    name = "ZX90InterleavedRandomizedBenchmarking"
    task_type = "coupling"
    description = "Fidelity of the library's ZX90, by qubex's interleaved_randomized_benchmarking."
    simultaneous = False
    plays_gate = True
    gate = "ZX90"
    floor = 0.25
    output = "zx90_gate_fidelity"
    input_parameters = MappingProxyType(
        {
            **PAIR_IN_USE,
            LIBRARY_GATE: declare_coupling_input(
                "ns", "needed as evidence that the gate is in the library's note"
            ),
        }
    )
    output_parameters = MappingProxyType({output: declare_fidelity("average gate fidelity of ZX90")})
