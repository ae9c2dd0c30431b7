"""Base of tasks on the instruments of a chip, with the backend features that they require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from qdash_core import BackendError, BaseTask, TaskType
from qdash_qubex.names import make_target_id

if TYPE_CHECKING:
    from qdash_core import BaseBackend

SESSION = "a qubex session"
"""Feature of a backend whose instance is the library's `Experiment`."""
BOXES = "real boxes"
"""Feature of a backend whose `Experiment` reaches real boxes rather than a given controller."""


class BoxBackend(Protocol):
    """Backend that offers `BOXES`."""

    def on_boxes(self) -> Any:
        """Return the library's `Experiment`, even while links are down."""

    def require_folder(self) -> None:
        """Raise `BackendError` if the configuration folder has changed since the session was opened."""


class SystemTask(BaseTask):
    """Task on the instruments of a chip, through the library's own session."""

    task_type: ClassVar[TaskType] = "system"
    requires = frozenset({SESSION})


class BoxTask(SystemTask):
    """Task of the library on boxes."""

    requires = frozenset({SESSION, BOXES})

    def boxes(self, backend: BaseBackend) -> tuple[Any, list[str]]:
        """Return the library's `Experiment` and the ids of the boxes of the run's qubits.

        Raises BackendError if there are none, or the session has a controller that is not the library's own, which
        `configure` and `reload` would silently replace.
        """
        experiment = cast("BoxBackend", backend).on_boxes()
        controller = type(experiment.backend_controller)
        if controller.__module__.partition(".")[0] != "qubex":
            raise BackendError(
                f"{self.name} needs real boxes, but this session uses {controller.__module__}.{controller.__qualname__} "
                "instead (QDASH_QUBEX_CONTROLLER): nothing has been done"
            )
        boxes = list(experiment.box_ids)
        if not boxes:
            raise BackendError(
                f"{self.name}: the qubits {', '.join(experiment.qubit_labels) or 'of this run'} are wired to no box: see wiring.yaml and "
                "box.yaml of the configuration folder"
            )
        return experiment, boxes

    def require_configurable(self, backend: BaseBackend) -> None:
        """Raise `BackendError` if links are down or the configuration folder has changed."""
        cast("BoxBackend", backend).require_folder()
        backend.get_instance()


def get_label(experiment: Any, qid: str) -> str:
    """Return the library's label of a qubit of the run.

    Raises BackendError if the session has no such qubit.
    """
    labels = {make_target_id(label): str(label) for label in experiment.qubit_labels}
    if qid not in labels:
        raise BackendError(
            f"qubit {qid} is not in this session of qubex, which has the qubits {', '.join(labels)}: add it to the run"
        )
    return labels[qid]
