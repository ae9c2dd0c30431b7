"""What is asked of results: which are listed, and how one is analysed again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_VISIBLE = r"^[^\x00-\x1f\x7f]+$"


def _possible(moment: AwareDatetime) -> AwareDatetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"the year is from {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


Asked = Annotated[str | None, Query(min_length=1, max_length=128, pattern=_VISIBLE)]
Words = Annotated[
    str | None,
    Query(min_length=1, max_length=500, description="Words of the message, in any order and case."),
]
Moment = Annotated[AwareDatetime, AfterValidator(_possible)] | None
Targets = Annotated[
    str | None,
    Query(min_length=1, max_length=8000, description="Qubits or couplings, as in 0,1,Q07; absent: all."),
]


class RefitRequest(BaseModel):
    """How a result is analysed again."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"parameters": {"shots": 2048}}]},
    )

    parameters: dict[str, Any] = Field(default={}, max_length=200)
    """Run parameters that the analysis sees instead of the recorded ones."""
