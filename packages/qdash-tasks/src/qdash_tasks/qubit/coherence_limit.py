"""Coherence limit of the π/2 pulse from T1 and T2: computed, not measured."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import BaseTask, TaskOutput
from qdash_core.tasks.parameters import ArrayDeclaration, InputParameter
from qdash_tasks.declarations import declare_fidelity
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.backend import LABORATORY
from qdash_tasks.programs.coherence_limit import compute_limit, draw_limit, make_raw_data
from qdash_tasks.programs.estimates import make_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData

_OUTPUT = "one_qubit_gate_coherence_limit"
_QUBITS = ("",)


class Check1QGateCoherenceLimit(BaseTask):
    """Coherence limit of the π/2 pulse fidelity, from T1, T2 and the pulse length. It takes no laboratory
    time.
    """

    name = "Check1QGateCoherenceLimit"
    description = "Coherence limit of the average fidelity of the π/2 pulse, from T1, T2 and its length; nothing is measured."
    requires = frozenset({LABORATORY})
    simultaneous = True
    expected_s = 0.0
    input_parameters = MappingProxyType(
        {
            "t1": InputParameter(unit="us", description="energy relaxation time"),
            "t2_echo": InputParameter(unit="us", description="coherence time"),
            "hpi_length": InputParameter(unit="ns", description="length of the gate"),
        }
    )
    output_parameters = MappingProxyType(
        {_OUTPUT: declare_fidelity("average gate fidelity of a π/2 pulse at the limit", negligible=None)}
    )
    arrays = MappingProxyType(
        {
            "t1": ArrayDeclaration("us", "energy relaxation time"),
            "t2_echo": ArrayDeclaration("us", "coherence time"),
            "hpi_length": ArrayDeclaration("ns", "length of the gate"),
        }
    )

    def run(self, backend: BaseBackend) -> RawData:  # noqa: ARG002  nothing is measured
        """Return the inputs with their errors. Touches no hardware."""
        return make_raw_data(self.context.inputs, "hpi_length", _QUBITS)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Return the inputs of each target. Touches no hardware."""
        return [task.run(backend) for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Compute the coherence limit."""
        return TaskOutput(
            {_OUTPUT: make_parameter(compute_limit(result, float(result["hpi_length"][0]), _QUBITS))}
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the coherence limit against the pulse length."""
        found, length_ns = output.parameters.get(_OUTPUT), float(raw["hpi_length"][0])
        drawn = draw_limit(raw, found, length_ns=length_ns, qubits=_QUBITS)
        return add_value_box(drawn, cls, output)
