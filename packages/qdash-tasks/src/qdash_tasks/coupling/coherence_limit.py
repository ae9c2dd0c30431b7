"""Coherence limit of the ZX90 from T1 and T2 of both qubits: computed, not measured."""

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

_OUTPUT = "two_qubit_gate_coherence_limit"
_QUBITS = ("control_", "target_")


class Check2QGateCoherenceLimit(BaseTask):
    """Coherence limit of the ZX90 fidelity, from T1 and T2 of both qubits and the gate length. It takes no
    laboratory time.
    """

    name = "Check2QGateCoherenceLimit"
    task_type = "coupling"
    description = "Coherence limit of the average fidelity of the ZX90, from T1, T2 and its length; nothing is measured."
    requires = frozenset({LABORATORY})
    simultaneous = True
    expected_s = 0.0
    input_parameters = MappingProxyType(
        {
            "control_t1": InputParameter(
                unit="us", source="t1", role="control", description="energy relaxation time"
            ),
            "control_t2_echo": InputParameter(
                unit="us", source="t2_echo", role="control", description="coherence time"
            ),
            "target_t1": InputParameter(
                unit="us", source="t1", role="target", description="energy relaxation time"
            ),
            "target_t2_echo": InputParameter(
                unit="us", source="t2_echo", role="target", description="coherence time"
            ),
            "zx90_gate_time": InputParameter(
                unit="ns", role="coupling", description="length of the complete gate"
            ),
        }
    )
    output_parameters = MappingProxyType(
        {_OUTPUT: declare_fidelity("average gate fidelity of a ZX90 at the limit", negligible=None)}
    )
    arrays = MappingProxyType(
        {
            "*_t1": ArrayDeclaration("us", "energy relaxation time of a qubit"),
            "*_t2_echo": ArrayDeclaration("us", "coherence time of a qubit"),
            "zx90_gate_time": ArrayDeclaration("ns", "length of the complete gate"),
        }
    )

    def run(self, backend: BaseBackend) -> RawData:  # noqa: ARG002  nothing is measured
        """Return the inputs with their errors. Touches no hardware."""
        return make_raw_data(self.context.inputs, "zx90_gate_time", _QUBITS)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Return the inputs of each target. Touches no hardware."""
        return [task.run(backend) for task in tasks]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Compute the coherence limit."""
        return TaskOutput(
            {_OUTPUT: make_parameter(compute_limit(result, float(result["zx90_gate_time"][0]), _QUBITS))}
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the coherence limit against the gate length."""
        found, length_ns = output.parameters.get(_OUTPUT), float(raw["zx90_gate_time"][0])
        drawn = draw_limit(raw, found, length_ns=length_ns, qubits=_QUBITS)
        return add_value_box(drawn, cls, output)
