"""Forms of options that refer to other objects or to times, the same in all commands of QDash."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.operations.command import OnCommandLine

COOLDOWN = OnCommandLine(metavar="ID")
EXECUTION = OnCommandLine(metavar="ID|last")
METRIC = OnCommandLine(metavar="KEY")
RESULT = OnCommandLine(name="result", metavar="TASK_ID")
TARGET = OnCommandLine(metavar="Q")
TASK = OnCommandLine(metavar="NAME")
USER = OnCommandLine(metavar="USER")
WORDS = OnCommandLine(name="search", metavar="WORDS")
CooldownId = Annotated[str | None, Field(max_length=128, description="Id of a cool-down."), COOLDOWN]
Since = Annotated[
    GivenTime | None,
    Field(description="Start of a time range, with a time zone; inclusive."),
    OnCommandLine(help="Only those of this time or later: 2026-11-20, 2026-11-20T18:30, 24h."),
]
Until = Annotated[
    GivenTime | None,
    Field(description="End of a time range, with a time zone; exclusive."),
    OnCommandLine(help="Only those before this time."),
]
