"""Path parameters with length limits; services look up the objects that they name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

_VISIBLE = r"^[^\x00-\x1f\x7f/]+$"

Name = Annotated[str, Path(min_length=1, max_length=128, pattern=_VISIBLE)]
Username = Annotated[str, Path(min_length=1, max_length=64, pattern=_VISIBLE, description="Name of a user.")]
ProjectId = Annotated[
    str, Path(min_length=1, max_length=64, pattern=_VISIBLE, description="Id of a project.")
]
ChipId = Annotated[str, Path(min_length=1, max_length=128, pattern=_VISIBLE, description="Id of a chip.")]
Qid = Annotated[
    str, Path(min_length=1, max_length=32, pattern=_VISIBLE, description="Id of a qubit, such as 3 or Q03.")
]
CouplingId = Annotated[
    str, Path(min_length=1, max_length=64, pattern=_VISIBLE, description="Id of a coupling, such as 3-4.")
]
ExecutionId = Annotated[
    str, Path(min_length=1, max_length=128, pattern=_VISIBLE, description="Id of an execution.")
]
TaskId = Annotated[
    str, Path(min_length=1, max_length=128, pattern=_VISIBLE, description="Id of a task result.")
]
