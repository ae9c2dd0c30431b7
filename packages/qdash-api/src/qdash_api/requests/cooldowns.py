"""What is asked of cryostats and cool-downs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_api.requests.moments import Moment
from qdash_core.models.cryostat import CryostatStatus
from qdash_core.models.faults import ENTRY

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Text = Annotated[str, Field(max_length=2000)]
_CRYOSTAT: dict[str, Any] = {"name": "north", "manufacturer": "Bluefors", "location": "room 3"}


class CryostatEdit(Body):
    """What is to be changed of a cryostat; what is absent stays. Null takes a time away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "maintenance"}]})

    name: _Text = ""
    manufacturer: _Text = ""
    model: _Text = ""
    location: _Text = ""
    status: CryostatStatus = CryostatStatus.ACTIVE
    commissioned_at: Moment | None = None
    decommissioned_at: Moment | None = None

    def given(self) -> dict[str, Any]:
        """Return what is there."""
        return self.model_dump(exclude_unset=True, exclude={"cryo_id"})


class CryostatRequest(CryostatEdit):
    """A cryostat that is to be registered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cryo_id": "K-101", **_CRYOSTAT}]})

    cryo_id: _Id


class CooldownRequest(Body):
    """A cool-down that begins, or that is put on record."""

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
    started_at: Moment | None = None
    """Absent: now."""
    ended_at: Moment | None = None
    """Absent: it goes on."""
    chip_ids: list[Annotated[_Id, ENTRY]] = Field(default=[], max_length=1000)


class CooldownEdit(Body):
    """What is to be corrected of a cool-down; what is absent stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "old package"}]})

    description: _Text | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    """An end ends it, if it still went on."""


class EndRequest(Body):
    """When a cool-down ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ended_at": "2026-11-20T08:30:00Z"}]})

    ended_at: Moment | None = None
    """Absent: now."""
