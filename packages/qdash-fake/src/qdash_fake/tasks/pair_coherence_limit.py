"""What relaxation and dephasing of both qubits alone leave of a ZX90: worked out, not measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import Estimate, coherence_limit
from qdash_core.errors import AnalysisError
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_fake.tasks.estimates import parameter
from qdash_fake.tasks.plots import curve, figure, scatter
from qdash_fake.tasks.value_box import with_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask

_ROLES = ("control", "target")
_TIMES = tuple(f"{role}_{name}" for role in _ROLES for name in ("t1", "t2_echo"))
_LENGTH = "zx90_gate_time"
_OUTPUT = "two_qubit_gate_coherence_limit"


class Check2QGateCoherenceLimit(standard.Check2QGateCoherenceLimit):
    """The fidelity that T1 and T2 of both qubits and the length of the gate allow.

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
        return RawData({**arrays, _LENGTH: ([inputs[_LENGTH].value], "ns")}, errors)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Return the inputs of each target. Touches no hardware."""
        return [task.run(backend) for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Work out the limit; its error is that of the four times, taken as independent."""
        return TaskOutput({_OUTPUT: parameter(_limit(result, float(result[_LENGTH][0])))})

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the limit against the length of the gate."""
        length = float(raw[_LENGTH][0])
        lengths = np.linspace(0.01 * length, 3 * length, 61)
        data = []
        if output.parameters:
            data.append(
                curve(
                    "limit of T1 and T2 of both qubits",
                    lambda x: np.array([1 - _limit(raw, one).value for one in x]),
                    lengths,
                )
            )
            found = output.parameters[_OUTPUT]
            sigma = None if found.error is None else [found.error]
            data.append(
                scatter("the gate in use", [length], [1 - found.value], sigma=sigma, marker={"size": 10})
            )
        control, target = (
            f"{role} {float(raw[f'{role}_t1'][0]):.3g}, {float(raw[f'{role}_t2_echo'][0]):.3g}"
            for role in _ROLES
        )
        title = f"coherence limit, T1 and T2 (us): {control}; {target}"
        drawn = figure(title, "gate length (ns)", "gate error", data)
        return with_values(drawn, cls, output)


def _limit(raw: RawData, length_ns: float) -> Estimate:
    """Return the limit of a gate of that length, or raise `AnalysisError` for impossible times."""
    t1, t2 = (
        [
            Estimate(float(raw[name][0]), raw.attributes.get(f"{name}_error_us"), "us")
            for name in (f"{role}_{kind}" for role in _ROLES)
        ]
        for kind in ("t1", "t2_echo")
    )
    try:
        return coherence_limit(t1, t2, length_ns=length_ns)
    except ValueError as error:
        raise AnalysisError(str(error)) from error
