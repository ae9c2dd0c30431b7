"""Path parameters of targets with length limits; services look up the objects that they name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

VISIBLE = r"^[^\x00-\x1f\x7f/]+$"
"""Pattern of a part of a path."""
Qid = Annotated[
    str, Field(min_length=1, max_length=32, pattern=VISIBLE, description="Id of a qubit, such as 3 or Q03.")
]
CouplingId = Annotated[
    str, Field(min_length=1, max_length=64, pattern=VISIBLE, description="Id of a coupling, such as 3-4.")
]
