"""What is asked of runs, besides `RunRequest`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from qdash_api.requests.body import Body


class QueueChange(Body):
    """What is done to a run that waits: one of these."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"before": "20261121-003"}, {"held": True}]})

    first: bool = False
    """Put before all others."""
    last: bool = False
    """Put behind all others."""
    before: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Put before this execution."""
    held: bool | None = None
    """True: it waits until it is released; false: released."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.first + self.last + (self.before is not None) + (self.held is not None) != 1:
            raise ValueError("first, last, before or held: one of them")
        return self
