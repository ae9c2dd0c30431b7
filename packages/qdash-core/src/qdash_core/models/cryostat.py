"""Cryostats and cool-downs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from qdash_core.models.base import NotedRecord, UtcDatetime
from qdash_core.models.editable import Editable


class CryostatStatus(StrEnum):
    """Operational status of a cryostat."""

    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    DECOMMISSIONED = "decommissioned"


class CryostatModel(NotedRecord):
    """A dilution refrigerator of the laboratory."""

    project_id: str
    cryo_id: str
    name: Annotated[str, Editable("Display name.")] = ""
    manufacturer: Annotated[str, Editable("Manufacturer.")] = ""
    model: Annotated[str, Editable("Model.")] = ""
    location: Annotated[str, Editable("Location.")] = ""
    status: Annotated[CryostatStatus, Editable("Status: active, maintenance or decommissioned.")] = (
        CryostatStatus.ACTIVE
    )
    commissioned_at: Annotated[
        UtcDatetime | None, Editable("Date of its installation.", option="--commissioned")
    ] = None
    decommissioned_at: Annotated[UtcDatetime | None, Editable()] = None


class CooldownModel(NotedRecord):
    """A thermal cycle of a cryostat, from cooling down to warming up."""

    project_id: str
    cooldown_id: str
    cryo_id: str
    description: str = ""
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    """None if it is in progress."""
    chip_ids: list[str] = []
    """Chips that are, or were, in the cryostat."""

    def includes(self, moment: datetime) -> bool:
        """Return whether a time is in the cool-down."""
        return self.started_at <= moment and (self.ended_at is None or moment < self.ended_at)

    @property
    def ongoing(self) -> bool:
        """True if the cool-down has not ended."""
        return self.ended_at is None
