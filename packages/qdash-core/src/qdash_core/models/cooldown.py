"""Cool-downs."""

from datetime import datetime

from qdash_core.models.base import NotedRecord, UtcDatetime


class CooldownModel(NotedRecord):
    """A thermal cycle of a cryostat, from cooling down to warming up."""

    project_id: str
    cooldown_id: str
    cryo_id: str
    description: str = ""
    started_at: UtcDatetime
    base_at: UtcDatetime | None = None
    """Time since which it is at base temperature, or from which it will be; None if this is not known."""
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
