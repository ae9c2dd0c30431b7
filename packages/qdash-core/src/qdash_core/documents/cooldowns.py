"""View models of cryostats and cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.cooldowns.cryostats import CRYOSTAT
from qdash_core.documents.base import Document
from qdash_core.documents.entities import make_document
from qdash_core.documents.notes import NoteText
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.models.cryostat import CooldownModel


CryostatDocument = make_document(CRYOSTAT)


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
