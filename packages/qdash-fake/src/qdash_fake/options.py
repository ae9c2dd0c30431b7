"""How a twin misbehaves, if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class TwinOptions(BaseModel):
    """How a twin misbehaves. Each kind of drift or fault is one field here; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    slow: float = Field(default=0.0, ge=0.0, le=3600.0)
    """Seconds of wall time that every measurement takes."""
    model_mismatch: float = Field(default=0.0, ge=0.0, le=10.0)
    """How far the physics departs from the models of the fits; 1: as `physics.mismatch` says."""
    drift: float = Field(default=0.0, ge=0.0, le=100.0)
    """How far the chip drifts in laboratory time; 1: as `physics.drift` says."""

    @classmethod
    def parse(cls, options: Mapping[str, object]) -> TwinOptions:
        """Check options by name; a dash in a name stands for an underscore.

        Raises
        ------
        InvalidInputError
            If an option is unknown or its value impossible; the message names it.
        """
        fields = {name.replace("-", "_"): value for name, value in options.items()}
        known = ", ".join(name.replace("_", "-") for name in cls.model_fields)
        for name in options:
            if name.replace("-", "_") not in cls.model_fields:
                raise InvalidInputError(f"{name!r} is not an option of a twin (known: {known})")
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            complaint = error.errors(include_url=False)[0]
            name = ".".join(map(str, complaint["loc"])).replace("_", "-")
            raise InvalidInputError(f"{name}: {complaint['input']!r}: {complaint['msg']}") from error
