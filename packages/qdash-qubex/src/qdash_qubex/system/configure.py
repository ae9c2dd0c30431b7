"""Configuration of boxes for the readout of one qubit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core import TaskOutput
from qdash_qubex.system.readout_lines import configure_boxes, list_other_readouts
from qdash_qubex.system.task import BoxTask, get_label

if TYPE_CHECKING:
    from qdash_core import BaseBackend


class Configure(BoxTask):
    """Configuration of the boxes with the readout line set for one qubit of its multiplexer.

    The readouts of a multiplexer share a line whose centre lies between them. This task leaves the others out, so that the
    line is centred on the qubit's own readout. The others can be read only where the line still reaches them, until
    ConfigureAll, or Configure of another qubit, sends the configuration again.
    """

    name = "Configure"
    task_type = "qubit"
    description = "Sends the configuration folder to the boxes, with the readout line set for one qubit."
    expected_s = 30.0
    timeout_s = 900.0

    def run(self, backend: BaseBackend) -> dict[str, Any]:
        """Configure without confirmation. Touches hardware."""
        experiment, boxes = self.boxes(backend)
        label = get_label(experiment, self.context.qid)
        self.require_configurable(backend)
        others = list_other_readouts(experiment, {label})
        configure_boxes(experiment, boxes, exclude=others)
        return {"boxes": boxes, "mode": str(experiment.configuration_mode), "left_out": others}

    def postprocess(self, backend: BaseBackend | None, result: dict[str, Any]) -> TaskOutput:  # noqa: ARG002
        """Record the configured boxes, the mode, and the readouts that were left out."""
        return TaskOutput(note=result)
