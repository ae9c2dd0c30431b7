"""Cryostats as an entity, and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.cooldowns.model import CryostatModel, CryostatStatus
from qdash_builtin.cooldowns.repository import CryostatRepository, list_by_cryostat
from qdash_builtin.entities.entity import Entity
from qdash_builtin.entities.rules import EntityRules
from qdash_core.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.repositories.repositories import Repositories


class CryostatRules(EntityRules[CryostatModel]):
    """Rules for cryostats."""

    def apply(
        self,
        repositories: Repositories,
        record: CryostatModel,
        former: CryostatModel | None,
        *,
        given: Mapping[str, Any],
        now: datetime,
    ) -> CryostatModel:
        """Set or clear the time of the decommissioning.

        Raises
        ------
        InvalidInputError, ConflictError
            If the times contradict each other or the status, or it is to be decommissioned during a cool-down.
        """
        cryo_id = record.cryo_id
        if record.status is CryostatStatus.DECOMMISSIONED:
            record.decommissioned_at = record.decommissioned_at or now
        elif given.get("decommissioned_at") is not None:
            raise InvalidInputError(
                f"cryostat {cryo_id} is {record.status}: only a decommissioned one has the time of it"
            )
        else:
            record.decommissioned_at = None
        check_time_order(record.commissioned_at, record.decommissioned_at, f"cryostat {cryo_id}")
        if former is not None and record.status is CryostatStatus.DECOMMISSIONED:
            for cooldown in list_by_cryostat(repositories, record.project_id, cryo_id):
                if cooldown.ongoing:
                    raise ConflictError(
                        f"cool-down {cooldown.cooldown_id} of cryostat {cryo_id} goes on: end it before the cryostat is "
                        "decommissioned"
                    )
        return record

    def check_deletion(self, repositories: Repositories, record: CryostatModel) -> None:
        """Raise ConflictError if it has cool-downs."""
        cooldowns = len(list_by_cryostat(repositories, record.project_id, record.cryo_id))
        if cooldowns:
            raise ConflictError(
                f"cryostat {record.cryo_id} has cool-downs on record ({cooldowns}): decommission it instead"
            )


CRYOSTAT = Entity(
    name="cryostat",
    plural="cryostats",
    model=CryostatModel,
    repository=CryostatRepository,
    rules=CryostatRules(),
    verb="register",
    deletion_condition="without cool-downs",
    headline="status",
    columns=("cryo_id", "status", "name", "manufacturer", "model", "location", "note"),
    wrapped_columns=("name", "location", "note"),
    example={"cryo_id": "K-101", "name": "north", "manufacturer": "Bluefors", "location": "room 3"},
    edit_example={"status": "maintenance"},
    view_model="qdash_builtin.cooldowns.views:CryostatDocument",
)


def check_time_order(start: datetime | None, end: datetime | None, what: str) -> None:
    """Raise an error unless the end is after the start."""
    if start is not None and end is not None and end <= start:
        raise InvalidInputError(
            f"{what} ends at {end.isoformat()}, not after its beginning {start.isoformat()}"
        )
