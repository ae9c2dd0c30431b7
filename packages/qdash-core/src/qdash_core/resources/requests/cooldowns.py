"""Request bodies for cool-downs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_core.models.base import GivenTime
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Text = Annotated[str, Field(max_length=2000)]


class CooldownRequest(Body):
    """Request to start a cool-down, or to record a past one."""

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

    description: _Text | None = None
    started_at: GivenTime | None = None
    ended_at: GivenTime | None = None
    """End of the cool-down; it ends a cool-down in progress."""


class EndRequest(Body):
    """End of a cool-down."""

    ended_at: GivenTime | None = None
    """Time of the end; absent: now."""
