"""Base of the tasks on the instruments: their backend features, and the library's session with its boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from qdash_core.errors import BackendError
from qdash_core.tasks.base import BaseTask, TaskType

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend

SESSION = "a qubex session"
"""Feature of a backend whose instance is the library's `Experiment`."""
BOXES = "real boxes"
"""Feature of a backend whose `Experiment` reaches real boxes rather than a given controller."""


class OnBoxes(Protocol):
    """Backend that offers `BOXES`."""

    def on_boxes(self) -> Any:
        """Return the library's `Experiment`, also while links are down."""

    def require_folder(self) -> None:
        """Raise `BackendError` if the configuration folder is another than when the session was opened."""


class SystemTask(BaseTask):
    """Task on the instruments of a chip, through the library's own session."""

    task_type: ClassVar[TaskType] = "system"
    requires = frozenset({SESSION})


class BoxTask(SystemTask):
    """Task of the library on boxes."""

    requires = frozenset({SESSION, BOXES})

    def boxes(self, backend: BaseBackend) -> tuple[Any, list[str]]:
        """Return the library's `Experiment` and the ids of the boxes that the qubits of the run hang on.

        Raises
        ------
        BackendError
            If there are none, or the session has a controller that is not the library's own: `configure` and `reload`
            would put a new one in its place without a word.
        """
        experiment = cast("OnBoxes", backend).on_boxes()
        controller = type(experiment.backend_controller)
        if controller.__module__.partition(".")[0] != "qubex":
            raise BackendError(
                f"{self.name} works on real boxes, and this session has {controller.__module__}.{controller.__qualname__} in "
                "their place (QDASH_QUBEX_CONTROLLER): nothing has been done"
            )
        boxes = list(experiment.box_ids)
        if not boxes:
            raise BackendError(
                f"{self.name}: the qubits {', '.join(experiment.qubit_labels) or 'of this run'} hang on no box: see wiring.yaml and "
                "box.yaml of the configuration folder"
            )
        return experiment, boxes

    def require_configurable(self, backend: BaseBackend) -> None:
        """Raise `BackendError` if links are down, or the configuration folder changed since the session was opened."""
        cast("OnBoxes", backend).require_folder()
        backend.get_instance()
