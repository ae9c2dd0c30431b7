"""Hahn echo measured by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core import OutputParameter
from qdash_qubex.native.base import NativeTask
from qdash_qubex.native.decays import DECAY_ARRAYS, make_decay_time, make_options
from qdash_qubex.native.declarations import TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_qubex.native.result_mapping import LibraryResult


class CheckT2Echo(NativeTask):
    """`t2_experiment` with one refocusing pulse: X90, half the delay, Y180, half the delay, -X90.

    Fit of an exponential with an offset.

    The same time as everywhere: 1/e time against the whole delay, which the library counts with the pulse in it.
    """

    name = "CheckT2Echo"
    description = "Coherence time with one echo, by qubex's t2_experiment: by default 51 delays up to 200\N{NO-BREAK SPACE}µs."
    expected_s = 9.0
    run_parameters = MappingProxyType(TIMES)
    output_parameters = MappingProxyType(
        {
            "t2_echo": OutputParameter(
                unit="us", description="1/e time of the Hahn echo", minimum=0.0, maximum=1e5
            )
        }
    )
    arrays = DECAY_ARRAYS

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Measure the targets in the library's groups of non-neighbouring qubits. Touches hardware."""
        found = library.t2_experiment(list(tasks), n_cpmg=1, **make_options(tasks, shortest_ns=300.0))
        return dict(found.data)

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the time with its error."""
        return make_decay_time("t2_echo", answer.t2, answer.t2_err, answer, falls=False)
