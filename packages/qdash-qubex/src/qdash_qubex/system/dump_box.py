"""Settings as boxes report them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qdash_core import BackendError, TaskOutput
from qdash_qubex.system.task import BoxTask

if TYPE_CHECKING:
    from qdash_core import BaseBackend


class DumpBox(BoxTask):
    """Settings of the boxes of the run's qubits, as the boxes report them: ports, channels, frequencies, attenuation.

    It changes nothing on the boxes.
    """

    name = "DumpBox"
    description = "Records the settings that the boxes report."
    expected_s = 5.0
    timeout_s = 300.0

    def run(self, backend: BaseBackend) -> dict[str, Any]:
        """Query every box. Touches hardware, and changes nothing on it."""
        experiment, boxes = self.boxes(backend)
        try:
            return {box: _make_plain(experiment.tool.dump_box(box)) for box in boxes}
        except NotImplementedError as error:
            raise BackendError(
                f"the boxes {', '.join(boxes)} cannot be asked for their settings: {error} CheckStatus says whether they are as configured"
            ) from error

    def postprocess(self, backend: BaseBackend | None, result: dict[str, Any]) -> TaskOutput:  # noqa: ARG002
        """Record the settings of every box."""
        return TaskOutput(note={"boxes": result})


def _make_plain(value: Any) -> Any:
    """Return a value as JSON can hold it: the library's enumerations and port numbers of two parts as text."""
    if isinstance(value, Mapping):
        return {str(key): _make_plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_make_plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
