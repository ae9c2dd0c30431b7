"""Configuration of boxes from the configuration folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core import TaskOutput
from qdash_qubex.system.readout_lines import configure_boxes
from qdash_qubex.system.task import BoxTask

if TYPE_CHECKING:
    from qdash_core import BaseBackend


class ConfigureAll(BoxTask):
    """Configuration of the boxes of the run's qubits from the configuration folder.

    The former settings of the boxes are overwritten. A folder that changed since the start of the run is not sent:
    all other data of the run, from design values to the ranges of generators, are those of the former
    folder. The mode, which assigns the generators of a control port, is that of the session.
    """

    name = "ConfigureAll"
    description = "Sends the configuration folder to the boxes."
    expected_s = 30.0
    timeout_s = 900.0

    def run(self, backend: BaseBackend) -> dict[str, Any]:
        """Configure without confirmation. Touches hardware."""
        experiment, boxes = self.boxes(backend)
        self.require_configurable(backend)
        configure_boxes(experiment, boxes)
        return {"boxes": boxes, "mode": str(experiment.configuration_mode)}

    def postprocess(self, backend: BaseBackend | None, result: dict[str, Any]) -> TaskOutput:  # noqa: ARG002
        """Record the configured boxes and the mode."""
        return TaskOutput(note=result)
