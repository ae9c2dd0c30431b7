"""Request bodies for runs, other than `RunRequest`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from qdash_api.requests.body import Body


class AdoptionRequest(Body):
    """Confirmation that simulated values become the chip's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chip_id": "a"}]})

    chip_id: Annotated[str, Field(min_length=1, max_length=128)]
    """Id of the chip, typed by the user."""


class QueueChange(Body):
    """Change of a queue entry: exactly one of these fields."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"before": "20261121-003"}, {"held": True}]})

    first: bool = False
    """True: move to the front of the queue."""
    last: bool = False
    """True: move to the end of the queue."""
    before: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Move in front of this execution."""
    held: bool | None = None
    """True: hold the run until it is released; false: release it."""

    @model_validator(mode="after")
    def _require_one_field(self) -> Self:
        if self.first + self.last + (self.before is not None) + (self.held is not None) != 1:
            raise ValueError("give exactly one of first, last, before and held")
        return self
