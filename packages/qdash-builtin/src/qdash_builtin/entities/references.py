"""References of records to chips, targets and results: their check before a record is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.entities.reference_fields import REFERENCE_FIELDS
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import parse_target_id
from qdash_core.repositories.chips import ChipRepository, get_target_repository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_builtin.entities.entity import Entity
    from qdash_core.models.base import Record
    from qdash_core.repositories.repositories import Repositories


def resolve_references(
    repositories: Repositories, project_id: str, entity: Entity[Any], record: Record, former: Record | None
) -> dict[str, Any]:
    """Return the changed references of a record in their stored form; those that did not change may name deleted objects.

    Raises
    ------
    NotFoundError
        If a chip, target or result does not exist.
    InvalidInputError
        If a target is of no chip, or the result is of another chip or target.
    """
    given = _get_references(entity, record)
    if former is not None and given == _get_references(entity, former):
        return {}
    chip_id, target, task_id = given
    if chip_id:
        repositories.of(ChipRepository).require(project_id, chip_id)
    if target:
        target = _require_target(repositories, project_id, chip_id, target)
    if task_id:
        result = repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
        if result is None:
            raise NotFoundError(
                f"there is no result {task_id!r} in project {project_id}: `qdash task results` lists results"
            )
        if chip_id and result.chip_id != chip_id:
            raise InvalidInputError(f"result {task_id} is of chip {result.chip_id}, not of {chip_id!r}")
        if target and result.qid and not {*target.split("-")} & {*result.qid.split("-")}:
            raise InvalidInputError(f"result {task_id} is of {result.qid}, not of {target}")
    return {"target": target} if target else {}


def _get_references(entity: Entity[Any], record: Record) -> tuple[str, ...]:
    """Return chip, target and result of a record, each empty if it has none."""
    return tuple(
        (getattr(record, name) or "") if name in entity.references else ""
        for name in REFERENCE_FIELDS.values()
    )


def _require_target(repositories: Repositories, project_id: str, chip_id: str, target: str) -> str:
    if not chip_id:
        raise InvalidInputError(f"target {target} is of no chip: name the chip as well")
    target = parse_target_id(target)
    kind = get_target_repository(repositories, target)
    kind.require(project_id, chip_id, target)
    return target
