"""T1 measured by the library."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core import OutputParameter
from qdash_qubex.native.base import NativeTask, choose_longer_wait
from qdash_qubex.native.decays import (
    DECAY_ARRAYS,
    choose_longer_delays,
    make_decay_time,
    make_options,
)
from qdash_qubex.native.declarations import TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_qubex.native.result_mapping import LibraryResult


_SHORTEST_NS, _LONGEST_NS = 100.0, 2e6


class CheckT1(NativeTask):
    """`t1_experiment`: two half pi pulses, a delay, readout; fit of an exponential with offset.

    T1 is the 1/e time of the population, as usual. With a shot interval shorter than five T1 the library's exponential
    is distorted, and its T1 too long. A T1 too long for the library's interval is therefore measured once more, with the interval
    and delays that it requires, unless an interval was given.
    """

    name = "CheckT1"
    description = "Energy relaxation time, by qubex's t1_experiment: by default 51 delays up to 200\N{NO-BREAK SPACE}µs."
    expected_s = 9.0
    run_parameters = MappingProxyType(TIMES)
    output_parameters = MappingProxyType(
        {
            "t1": OutputParameter(
                unit="us", description="energy relaxation time", minimum=0.0, maximum=1e5, jump=0.6
            )
        }
    )
    arrays = DECAY_ARRAYS

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Measure the targets in the library's groups of non-neighbouring qubits. Touches hardware.

        Targets with a long T1 are measured again with a longer wait.
        """
        asked = make_options(tasks, shortest_ns=_SHORTEST_NS)
        found = dict(library.t1_experiment(list(tasks), **asked).data)
        if "shot_interval" not in asked:
            found |= _repeat_long_decays(library, found, asked)
        return found

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:  # noqa: ARG003
        """Return the time with its error."""
        return make_decay_time("t1", answer.t1, answer.t1_err, answer, falls=True)


def _repeat_long_decays(library: Any, found: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Measure targets again whose T1 is too long for the library's wait. Touches hardware."""
    t1_ns = {label: min(data.t1, _LONGEST_NS) for label, data in found.items() if choose_longer_wait(data.t1)}
    if not t1_ns:
        return {}
    longest_ns = max(t1_ns.values())
    delays = {} if "time_range" in asked else choose_longer_delays(longest_ns, shortest_ns=_SHORTEST_NS)
    return dict(
        library.t1_experiment(list(t1_ns), **{**asked, **choose_longer_wait(longest_ns), **delays}).data
    )
