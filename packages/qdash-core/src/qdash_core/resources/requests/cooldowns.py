"""Request bodies for cool-downs."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from qdash_core.models.base import GivenTime
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Text = Annotated[str, Field(max_length=2000)]


class CooldownRequest(Body):
    """Request to start a cool-down, or to record a past one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cooldown_id": "2026-001",
                    "cryo_id": "K-101",
                    "description": "new package",
                    "started_at": "2026-11-02T00:00:00Z",
                    "chip_ids": ["64Qv3"],
                }
            ]
        }
    )

    cooldown_id: _Id
    cryo_id: _Id
    description: _Text = ""
    started_at: GivenTime | None = None
    """Start; absent: now."""
    ended_at: GivenTime | None = None
    """End; absent: still in progress."""
    chip_ids: list[Annotated[_Id, ENTRY]] = Field(default=[], max_length=1000)


class CooldownEdit(Body):
    """Corrections of a cool-down; absent fields are unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "old package"}]})

    description: _Text | None = None
    started_at: GivenTime | None = None
    ended_at: GivenTime | None = None
    """End of the cool-down; it ends a cool-down in progress."""


class EndRequest(Body):
    """End of a cool-down."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended_at": "2026-11-20T08:30:00Z"}]})

    ended_at: GivenTime | None = None
    """Time of the end; absent: now."""
