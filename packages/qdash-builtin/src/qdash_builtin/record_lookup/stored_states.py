"""Stored states of the qubits and couplings of a chip, as they are displayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Required

from typing_extensions import TypedDict

from qdash_core.models.base import Note, ShownMoment  # noqa: TC001  pydantic reads the annotations
from qdash_core.models.chip import MeasuredAttempt, StatusReason, StoredValues, TargetStatus
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from typing import Any

    from qdash_core.repositories.chips import TargetRepository


class StoredState(TypedDict, total=False):
    """Compact projection of a stored qubit or coupling to the displayed fields without values."""

    qid: Required[str]
    status: Required[TargetStatus]
    status_at: ShownMoment | None
    status_reason: StatusReason | None
    disputes: dict[str, MeasuredAttempt]
    design: dict[str, float | None]
    note: Note
    row: int | None
    col: int | None
    mux: int | None
    control: str | None


class StoredTarget(StoredValues, total=False):
    """Compact projection of a stored qubit or coupling to its values, the evidence on it and the displayed fields."""

    status_at: ShownMoment | None
    design: dict[str, float | None]
    note: Note
    row: int | None
    col: int | None
    mux: int | None
    control: str | None


def make_stored_state(target: StoredTarget) -> StoredState:
    """Return the displayed fields of a target without its values."""
    disputes = {name: MeasuredAttempt.model_validate(one) for name, one in target.get("disputes", {}).items()}
    shown = {name: one for name, one in target.items() if name in StoredState.__annotations__}
    return {**shown, "disputes": disputes}  # type: ignore[typeddict-item]


def list_targets(targets: TargetRepository[Any], project_id: str, chip_id: str) -> list[StoredTarget]:
    """Return all targets of a chip with values, evidence and displayed fields, by number: for both in one read."""
    found = targets.select_as(StoredTarget, {"project_id": project_id, "chip_id": chip_id})
    return sorted(found, key=lambda target: by_number(target["qid"]))


def list_states(targets: TargetRepository[Any], project_id: str, chip_id: str) -> list[StoredState]:
    """Return the states of all targets of a chip without values, by number."""
    where = {"project_id": project_id, "chip_id": chip_id}
    found = targets.select_as(StoredState, where, without=("data",))
    return sorted(found, key=lambda target: by_number(target["qid"]))
