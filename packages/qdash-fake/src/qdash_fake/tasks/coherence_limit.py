"""What relaxation and dephasing alone leave of a half pi pulse: worked out, not measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_core.tasks.parameters import Parameter
from qdash_fake.tasks.plots import curve, figure, scatter
from qdash_fake.tasks.value_box import with_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask

_TIMES = ("t1", "t2_echo")
_OUTPUT = "one_qubit_gate_coherence_limit"


class Check1QGateCoherenceLimit(standard.Check1QGateCoherenceLimit):
    """The fidelity that T1, T2 and the length of the pulse allow.

    Its raw data are its inputs, so that a refit gives the same; it takes no laboratory time.
    """

    expected_s = 0.0
    backend = "fake"
    simultaneous = True

    def run(self, backend: BaseBackend) -> RawData:  # noqa: ARG002  nothing is measured
        """Return the inputs with their errors. Touches no hardware."""
        inputs = self.context.inputs
        arrays = {name: ([inputs[name].value], "us") for name in _TIMES}
        errors = {f"{name}_error_us": inputs[name].error for name in _TIMES}
        return RawData({**arrays, "hpi_length": ([inputs["hpi_length"].value], "ns")}, errors)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Return the inputs of each target. Touches no hardware."""
        return [task.run(backend) for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Work out the limit; its error is that of both times, taken as independent."""
        t1, t2, length = (float(result[name][0]) for name in (*_TIMES, "hpi_length"))
        if min(t1, t2, length) <= 0:
            raise AnalysisError(f"T1 {t1:g} us, T2 {t2:g} us and a length of {length:g} ns must be positive")
        by_t1, by_t2 = length * 1e-3 / t1, length * 1e-3 / t2
        slopes = by_t1 / t1 * math.exp(-by_t1) / 6, by_t2 / t2 * math.exp(-by_t2) / 3
        errors = [result.attributes.get(f"{name}_error_us") for name in _TIMES]
        parts = [
            slope * float(error) for slope, error in zip(slopes, errors, strict=True) if error is not None
        ]
        error = math.hypot(*parts) if len(parts) == len(errors) else None
        limit = float(_limit(np.array([length]), t1, t2)[0])
        return TaskOutput({_OUTPUT: Parameter(limit, error, "")})

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the limit against the length of the pulse."""
        t1, t2, length = (float(raw[name][0]) for name in (*_TIMES, "hpi_length"))
        lengths = np.linspace(0.0, 3 * length, 61)
        data = [curve("limit of T1 and T2", lambda x: 1 - _limit(x, t1, t2), lengths)]
        if output.parameters:
            found = output.parameters[_OUTPUT]
            sigma = None if found.error is None else [found.error]
            data.append(
                scatter("the pulse in use", [length], [1 - found.value], sigma=sigma, marker={"size": 10})
            )
        drawn = figure(
            f"coherence limit, T1 {t1:.4g} us and T2 {t2:.4g} us", "pulse length (ns)", "gate error", data
        )
        return with_values(drawn, cls, output)


def _limit(length_ns: NDArray[np.float64], t1_us: float, t2_us: float) -> NDArray[np.float64]:
    """Average fidelity of a one-qubit gate of that length, nothing but relaxation and dephasing going wrong."""
    length_us = length_ns * 1e-3
    return np.asarray(1 / 2 + np.exp(-length_us / t2_us) / 3 + np.exp(-length_us / t1_us) / 6)
