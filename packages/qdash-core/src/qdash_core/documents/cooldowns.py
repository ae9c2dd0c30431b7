"""View models of cryostats and cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.notes import NoteText
from qdash_core.models.base import UtcDatetime
from qdash_core.models.cryostat import CryostatStatus

if TYPE_CHECKING:
    from qdash_core.models.cryostat import CooldownModel, CryostatModel


class CryostatDocument(Document):
    """A cryostat."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cryo_id": "K-101",
                    "name": "north",
                    "manufacturer": "Bluefors",
                    "model": "LD400",
                    "location": "room 3",
                    "status": "active",
                    "commissioned_at": "2024-04-01T00:00:00Z",
                    "note": {
                        "content": "trap cleaned",
                        "updated_by": "alice",
                        "updated_at": "2026-11-20T08:30:00Z",
                    },
                }
            ]
        }
    )

    cryo_id: str
    name: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    location: str | None = None
    status: CryostatStatus
    commissioned_at: UtcDatetime | None = None
    decommissioned_at: UtcDatetime | None = None
    note: NoteText | None = None
    """Absent if no note was ever written."""

    @classmethod
    def from_cryostat(cls, cryostat: CryostatModel) -> Self:
        """Return the view model of a cryostat; empty texts are absent."""
        return cls(
            cryo_id=cryostat.cryo_id,
            name=cryostat.name or None,
            manufacturer=cryostat.manufacturer or None,
            model=cryostat.model or None,
            location=cryostat.location or None,
            status=cryostat.status,
            commissioned_at=cryostat.commissioned_at,
            decommissioned_at=cryostat.decommissioned_at,
            note=NoteText.from_note(cryostat.note),
        )


class CooldownDocument(Document):
    """One cool-down of a cryostat, and the chips in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cooldown_id": "2026-001",
                    "cryo_id": "K-101",
                    "description": "new package",
                    "started_at": "2026-11-02T00:00:00Z",
                    "ended_at": "2026-11-20T08:30:00Z",
                    "chip_ids": ["64Qv3"],
                }
            ]
        }
    )

    cooldown_id: str
    cryo_id: str
    description: str | None = None
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    """Absent while the cool-down lasts."""
    chip_ids: list[str]
    """Chips that are, or were, in the cryostat."""
    note: NoteText | None = None
    """Absent if no note was ever written."""

    @classmethod
    def from_cooldown(cls, cooldown: CooldownModel) -> Self:
        """Return the view model of a cool-down."""
        return cls(
            cooldown_id=cooldown.cooldown_id,
            cryo_id=cooldown.cryo_id,
            description=cooldown.description or None,
            started_at=cooldown.started_at,
            ended_at=cooldown.ended_at,
            chip_ids=cooldown.chip_ids,
            note=NoteText.from_note(cooldown.note),
        )
