"""Bodies of requests: models that refuse unknown fields, or raw bytes that the operation parses."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from qdash_core.models.fault_limit import FewFaults


class Body(FewFaults):
    """Request body that refuses unknown fields."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=False,  # the host reads it when the route is made
    )


class RawContents:
    """Mark of a parameter that is the raw body, whatever its content type."""


RawBody = Annotated[bytes, RawContents]
"""Parameter of an operation: the raw body."""


class Filter(BaseModel):
    """Filters of a read, as query parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)
