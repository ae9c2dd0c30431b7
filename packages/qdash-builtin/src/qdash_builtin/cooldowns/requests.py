"""Request bodies for cool-downs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_Text = Annotated[str, Field(max_length=2000), OnCommandLine(metavar="TEXT")]
_Started = Annotated[GivenTime, Field(title="Start"), OnCommandLine(name="started")]
_Base = Annotated[GivenTime, Field(title="Cold since"), OnCommandLine(name="cold")]
_Ended = Annotated[GivenTime, Field(title="End"), OnCommandLine(name="ended")]


class CooldownRequest(Body):
    """Request to start a cool-down, or to record a past one."""

    cooldown_id: Annotated[_Id, Field(title="Cool-down"), OnCommandLine(metavar="COOLDOWN", is_argument=True)]
    cryo_id: Annotated[_Id, Field(title="Cryostat"), OnCommandLine(name="cryostat", metavar="ID")]
    description: _Text = ""
    started_at: _Started | None = None
    """Start; absent: now."""
    base_at: _Base | None = None
    """Time since which it is at base temperature; absent: not yet."""
    ended_at: _Ended | None = None
    """End; absent: still in progress."""
    chip_ids: Annotated[list[Annotated[_Id, ENTRY]], OnCommandLine(name="chip", metavar="CHIP")] = Field(
        default=[], max_length=1000, title="Chips"
    )


class CooldownEdit(Body):
    """Corrections of a cool-down; absent fields are unchanged."""

    description: _Text | None = None
    """Description; null: none."""
    started_at: _Started | None = None
    base_at: _Base | None = None
    """Time since which it is at base temperature; null: not known."""
    ended_at: _Ended | None = None
    """End of the cool-down; it ends a cool-down in progress."""


class BaseRequest(Body):
    """Report that a cool-down is at base temperature."""

    base_at: Annotated[GivenTime | None, Field(title="Cold since"), OnCommandLine(name="at")] = None
    """Time since which it is at base temperature; absent: now."""


class EndRequest(Body):
    """End of a cool-down."""

    ended_at: Annotated[GivenTime | None, Field(title="End"), OnCommandLine(name="at")] = None
    """Time of the end; absent: now."""


class CooldownFilter(Filter):
    """Filters of a list of cool-downs, which must all hold."""

    cryo_id: Annotated[
        _Id | None,
        Field(description="Only cool-downs of this cryostat."),
        OnCommandLine(name="cryostat", metavar="ID"),
    ] = None
    chip_id: Annotated[_Id | None, Field(description="Only cool-downs that this chip is or was in.")] = None
