"""View models of cryostats and cool-downs."""

from __future__ import annotations

from qdash_builtin.cooldowns.model import CryostatStatus
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.note_texts import WrittenNote
from qdash_core.models.base import UtcDatetime


class CryostatDocument(Document):
    """A cryostat."""

    cryo_id: str
    name: OmitEmpty[str] = None
    manufacturer: OmitEmpty[str] = None
    model: OmitEmpty[str] = None
    location: OmitEmpty[str] = None
    status: CryostatStatus
    commissioned_at: UtcDatetime | None = None
    decommissioned_at: UtcDatetime | None = None
    note: WrittenNote = None
    """Absent if no note was ever written."""


class CooldownChipDocument(Document):
    """A chip in a cool-down, with the numbers of its records."""

    cooldown_id: str
    chip_id: str
    n_executions: int
    """Number of executions that started in the cool-down."""
    n_results: int
    """Number of results of tasks in the cool-down."""
    previous_id: str | None = None
    """The cool-down of the chip before it; absent if it is the first one."""
    next_id: str | None = None
    """The cool-down of the chip after it; absent if it is the last one."""


class CooldownDocument(Document):
    """One cool-down of a cryostat, and the chips in it."""

    cooldown_id: str
    cryo_id: str
    description: OmitEmpty[str] = None
    started_at: UtcDatetime
    base_at: UtcDatetime | None = None
    """Time since which it is at base temperature; absent if this is not known."""
    ended_at: UtcDatetime | None = None
    """Absent while the cool-down lasts."""
    chip_ids: list[str]
    """Chips that are, or were, in the cryostat."""
    note: WrittenNote = None
    """Absent if no note was ever written."""
