"""Base class of request bodies."""

from __future__ import annotations

from pydantic import ConfigDict

from qdash_core.models.fault_limit import FewFaults


class Body(FewFaults):
    """Request body that refuses unknown fields."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=False,  # FastAPI reads it when the route is made
    )
