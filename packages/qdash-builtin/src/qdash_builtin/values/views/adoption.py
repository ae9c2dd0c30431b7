"""View model of the adoption of a simulated execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import Document
from qdash_core.models.chip import ParameterModel

if TYPE_CHECKING:
    from qdash_builtin.values.adoption import AdoptedValues
    from qdash_builtin.values.value_transfer import Changes


class AdoptionDocument(Document):
    """Values of a simulated execution that became the chip's, by target and name."""

    execution_id: str
    chip_id: str
    adopted: dict[str, dict[str, ParameterModel]]
    kept: dict[str, dict[str, ParameterModel]]
    """Values of the chip that stay because they were measured later."""
    removed: dict[str, dict[str, ParameterModel]]
    """Values of the chip that are removed because they hold for the former direction of a coupling only."""
    directions: dict[str, str]
    """New control qubit by coupling."""

    @classmethod
    def from_adoption(cls, found: AdoptedValues) -> Self:
        """Return the view model of an adoption."""
        execution, transfer = found.execution, found.transfer
        return cls(
            execution_id=execution.execution_id,
            chip_id=execution.chip_id,
            adopted=_select(transfer.changes, "after"),
            kept=_select(transfer.kept, "before"),
            removed=_select(transfer.removed, "before"),
            directions=transfer.directions,
        )


def _select(changes: Changes, side: Literal["before", "after"]) -> dict[str, dict[str, ParameterModel]]:
    """Return the values before or after changes."""
    return {
        target: {name: getattr(change, side) for name, change in of_target.items()}
        for target, of_target in changes.items()
    }
