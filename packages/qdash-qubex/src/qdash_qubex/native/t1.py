"""T1 as the library measures it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.parameters import OutputParameter
from qdash_qubex.native.base import NativeTask
from qdash_qubex.native.decays import DECAY_ARRAYS, decay, options
from qdash_qubex.native.declared import TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_qubex.native.found import Found


class CheckT1(NativeTask):
    """`t1_experiment`: two half pi pulses, a delay, readout; an exponential with an offset.

    The same T1 as everywhere: 1/e time of the population. Shots follow each other after a wait: with one shorter than five T1
    the library's exponential is bent, and its T1 too long; ask for a longer `interval` then.
    """

    name = "CheckT1"
    description = "Energy relaxation time, by qubex' t1_experiment: 51 delays to 200 us when none are named."
    expected_s = 9.0
    run_parameters = MappingProxyType(TIMES)
    output_parameters = MappingProxyType(
        {"t1": OutputParameter(unit="us", description="energy relaxation time", minimum=0.0, maximum=1e5)}
    )
    arrays = DECAY_ARRAYS

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, NativeTask]) -> Mapping[str, Any]:
        """Measure targets that are not neighbours together, as the library groups them. Touches hardware."""
        return dict(library.t1_experiment(list(tasks), **options(tasks, shortest_ns=100.0)).data)

    @classmethod
    def found(cls, library: Any, label: str, answer: Any) -> Found:  # noqa: ARG003
        """Take the time with its error."""
        return decay("t1", answer.t1, answer.t1_err, answer, falls=True)
