"""Path parameters with length limits; services look up the objects that they name."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from qdash_core.operations.command import OnCommandLine
from qdash_core.operations.path_parts import VISIBLE

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _require_date(value: object) -> object:
    """Return the text of a date; pydantic would read a number as seconds since the epoch."""
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError("it has to be a date, such as 2026-11-21")
    return value


Day = Annotated[
    date,
    BeforeValidator(_require_date),
    Field(description="A day in the time zone of the host, as 2026-11-21."),
    OnCommandLine(metavar="DATE"),
]
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=VISIBLE)]
Username = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=VISIBLE, description="Name of a user."),
    OnCommandLine(metavar="USER"),
]
ProjectId = Annotated[
    str, Field(min_length=1, max_length=64, pattern=VISIBLE, description="Id of a project.")
]
ChipId = Annotated[str, Field(min_length=1, max_length=128, pattern=VISIBLE, description="Id of a chip.")]
TargetId = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=VISIBLE, description="Id of a qubit or coupling."),
    OnCommandLine(metavar="TARGET"),
]
ExecutionId = Annotated[
    str, Field(min_length=1, max_length=128, pattern=VISIBLE, description="Id of an execution.")
]
TaskId = Annotated[
    str,
    Field(min_length=1, max_length=128, pattern=VISIBLE, description="Id of a task result."),
    OnCommandLine(metavar="TASK_ID"),
]
