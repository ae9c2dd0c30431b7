"""View models of the inputs that a task would use now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.marks import ValueMark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.current_inputs import CurrentInput


class CurrentInputDocument(Document):
    """Input of a task on a target, with the value in use of the chip and its origin."""

    name: str
    description: str
    unit: str
    """Unit of the parameter, in which `value`, `default` and the bounds are, and a value that a run gives without a unit."""
    required: bool
    """True if the task fails without a value or default."""
    default: float | int | None = None
    """Value that is used if the chip has none."""
    target: str
    """Qubit or coupling that has the value; empty for the whole chip."""
    parameter: str
    """Its parameter there."""
    value: float | int | None = None
    """Value in use of the chip; absent if there is none."""
    error: float | None = None
    calibrated_at: UtcDatetime | None = None
    """Time of the measurement; absent if unknown."""
    simulated: bool | None = None
    """True if it was measured on a simulation of a chip that has another backend; else absent."""
    marks: list[ValueMark]
    task_id: str = ""
    """Result from which the value comes; empty if there is none."""
    task: str = ""
    """Its task; empty if unknown."""
    username: str = ""
    """User who started its run or set the value; empty if unknown."""
    minimum: float | int | None = None
    maximum: float | int | None = None
    """Bounds of the values that a run may give instead."""

    @classmethod
    def from_input(cls, current: CurrentInput) -> Self:
        """Return the view model of an input."""
        declared, known, result = current.declared, current.known, current.result
        origin: dict[str, Any] = {}
        if known is not None:
            origin = {
                "value": known.value,
                "error": known.error,
                "calibrated_at": known.calibrated_at,
                "simulated": known.simulated,
                "task_id": known.task_id,
            }
        if result is not None:
            origin |= {"task": result.name, "username": result.username}
        return cls.from_record(
            current,
            description=declared.description,
            required=declared.required,
            marks=list(current.marks),
            **origin,
        )


class TaskInputsDocument(Document):
    """Inputs that a task would use on targets of a chip if it ran now."""

    task: str
    targets: dict[str, list[CurrentInputDocument]]
    """Inputs by target, in order of declaration."""

    @classmethod
    def from_inputs(cls, task: str, found: Mapping[str, Sequence[CurrentInput]]) -> Self:
        """Return the view model of the inputs of a task."""
        return cls(
            task=task,
            targets={
                target: [CurrentInputDocument.from_input(one) for one in inputs]
                for target, inputs in found.items()
            },
        )
