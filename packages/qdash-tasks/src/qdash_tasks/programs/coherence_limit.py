"""What relaxation and dephasing alone leave of a half pi pulse or a ZX90: worked out, not measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_analysis import Estimate, coherence_limit
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import BaseTask, TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.programs.estimates import parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend

_TIMES = ("t1", "t2_echo")


class CoherenceLimitTask(BaseTask):
    """The fidelity that T1 and T2 of the qubits and the length of the gate allow.

    Its raw data are its inputs, so that a refit gives the same; it takes no laboratory time.

    Attributes
    ----------
    length
        The input that is the length of the gate.
    played
        What is played, and that length, in words.
    qubits
        How the inputs of each qubit begin.
    """

    expected_s = 0.0
    backend = "fake"
    simultaneous = True
    length: ClassVar[str]
    played: ClassVar[str]
    qubits: ClassVar[tuple[str, ...]]

    def run(self, backend: BaseBackend) -> RawData:  # noqa: ARG002  nothing is measured
        """Return the inputs with their errors. Touches no hardware."""
        inputs = self.context.inputs
        times = [f"{qubit}{name}" for qubit in self.qubits for name in _TIMES]
        arrays = {name: ([inputs[name].value], "us") for name in times}
        errors = {f"{name}_error_us": inputs[name].error for name in times}
        return RawData({**arrays, self.length: ([inputs[self.length].value], "ns")}, errors)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Return the inputs of each target. Touches no hardware."""
        return [task.run(backend) for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Work out the limit; its error is that of the times, taken as independent."""
        (output,) = self.output_parameters
        return TaskOutput({output: parameter(self.limit(result, float(result[self.length][0])))})

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the limit against the length of the gate."""
        length = float(raw[cls.length][0])
        data = []
        for found in output.parameters.values():
            errors = curve(
                "limit of T1 and T2",
                lambda x: np.array([1 - cls.limit(raw, one).value for one in x]),
                np.linspace(0.01 * length, 3 * length, 61),
            )
            sigma = None if found.error is None else [found.error]
            in_use = scatter(
                f"the {cls.played} in use", [length], [1 - found.value], sigma=sigma, marker={"size": 10}
            )
            data += [errors, in_use]
        times = "; ".join(
            qubit.replace("_", " ") + ", ".join(f"{float(raw[f'{qubit}{name}'][0]):.4g}" for name in _TIMES)
            for qubit in cls.qubits
        )
        title = f"coherence limit, T1 and T2 (us): {times}"
        return with_values(figure(title, f"{cls.played} length (ns)", "gate error", data), cls, output)

    @classmethod
    def limit(cls, raw: RawData, length_ns: float) -> Estimate:
        """Return the limit of a gate of that length, or raise `AnalysisError` for impossible times."""
        t1, t2 = (
            [
                Estimate(float(raw[time][0]), raw.attributes.get(f"{time}_error_us"), "us")
                for time in (f"{qubit}{name}" for qubit in cls.qubits)
            ]
            for name in _TIMES
        )
        try:
            return coherence_limit(t1, t2, length_ns=length_ns)
        except ValueError as error:
            raise AnalysisError(str(error)) from error


class Check1QGateCoherenceLimit(CoherenceLimitTask, declarations.Check1QGateCoherenceLimit):
    """The limit of a half pi pulse."""

    length, played = "hpi_length", "pulse"
    qubits = ("",)


class Check2QGateCoherenceLimit(CoherenceLimitTask, declarations.Check2QGateCoherenceLimit):
    """The limit of a ZX90."""

    length, played = "zx90_gate_time", "gate"
    qubits = ("control_", "target_")
