"""Cryostats and their cool-downs."""

from enum import StrEnum

from qdash_core.models.base import NotedRecord, UtcDatetime


class CryostatStatus(StrEnum):
    """Whether a cryostat can be cooled down."""

    ACTIVE = "active"
    MAINTENANCE = "maintenance"
    DECOMMISSIONED = "decommissioned"


class CryostatModel(NotedRecord):
    """A dilution refrigerator, for as long as the laboratory has it."""

    project_id: str
    cryo_id: str
    name: str = ""
    manufacturer: str = ""
    model: str = ""
    location: str = ""
    status: CryostatStatus = CryostatStatus.ACTIVE
    commissioned_at: UtcDatetime | None = None
    decommissioned_at: UtcDatetime | None = None


class CooldownModel(NotedRecord):
    """One cycle of a cryostat, from cooling down to warming up."""

    project_id: str
    cooldown_id: str
    cryo_id: str
    description: str = ""
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    """None: it goes on."""
    chip_ids: list[str] = []
    """Chips that are, or were, in the cryostat."""

    @property
    def ongoing(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None
