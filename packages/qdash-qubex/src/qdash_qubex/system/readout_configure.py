"""Configuration of readout lines for chosen qubits."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core import RunParameter, TaskOutput
from qdash_qubex.system.readout_lines import configure_boxes, list_other_readouts
from qdash_qubex.system.task import BoxTask, get_label

if TYPE_CHECKING:
    from qdash_core import BaseBackend


class ReadoutConfigure(BoxTask):
    """Configuration of the boxes with the readout lines of chosen qubits set for these qubits alone.

    The other readouts of their multiplexers are left out, and can be read only where the line still reaches them, until
    ConfigureAll sends the configuration again. Multiplexers without a chosen qubit keep all readouts. Without a choice nothing is sent.
    """

    name = "ReadoutConfigure"
    description = "Sends the configuration folder to the boxes, with readout lines set for chosen qubits."
    expected_s = 30.0
    timeout_s = 900.0
    run_parameters = MappingProxyType(
        {
            "qubits": RunParameter(
                value=None,
                value_type="list",
                minimum=0,
                description="qubits whose readouts are set; nothing is sent if absent",
            )
        }
    )

    def run(self, backend: BaseBackend) -> dict[str, Any]:
        """Configure without confirmation. Touches hardware."""
        experiment, boxes = self.boxes(backend)
        asked = self.context.parameters["qubits"]
        chosen = [] if asked is None else [str(round(one)) for one in asked]
        labels = {get_label(experiment, qid) for qid in chosen}
        if not labels:
            return {"boxes": [], "qubits": [], "left_out": []}
        self.require_configurable(backend)
        others = list_other_readouts(experiment, labels)
        configure_boxes(experiment, boxes, exclude=others)
        return {"boxes": boxes, "qubits": chosen, "left_out": others}

    def postprocess(self, backend: BaseBackend | None, result: dict[str, Any]) -> TaskOutput:  # noqa: ARG002
        """Record the configured boxes and the readouts that were left out."""
        return TaskOutput(note=result)
