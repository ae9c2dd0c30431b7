"""Requests to remove old data, by command or by timetables."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Value
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.fault_limit import FewFaults
from qdash_core.models.times import parse_duration

_DAY_S = 86_400.0
_Days = Annotated[float, Field(ge=1.0, le=36_500.0, allow_inf_nan=False)]


class PrunedKind(StrEnum):
    """Kind of data that can be removed."""

    RAW = "raw"
    """Raw data of results."""
    EXECUTIONS = "executions"
    """Executions and results, their provenance, and calibration notes."""
    EVENTS = "events"
    """Live events and logs of runs."""


class KeepRequest(FewFaults, Value):
    """Ages up to which data are kept, in days, at least one; a kind without an age is kept for ever."""

    raw: _Days | None = None
    executions: _Days | None = None
    events: _Days | None = None

    @model_validator(mode="after")
    def _require_age(self) -> Self:
        if not self.ages:
            raise ValueError("give the age of at least one of raw, executions and events")
        return self

    @property
    def ages(self) -> dict[PrunedKind, timedelta]:
        """Age of each kind from which its data are removed."""
        days = {kind: getattr(self, kind.value) for kind in PrunedKind}
        return {kind: timedelta(days=age) for kind, age in days.items() if age is not None}

    def __str__(self) -> str:
        """Return the ages as text, such as `raw 90 d, events 30 d`."""
        return ", ".join(f"{kind} {age / timedelta(days=1):g} d" for kind, age in self.ages.items())

    @classmethod
    def parse(cls, ages: Iterable[tuple[PrunedKind, str]]) -> Self:
        """Return the request of ages as text, such as `90d`.

        Raises
        ------
        InvalidInputError
            If an age is not a duration, or shorter than a day.
        """
        days = {kind.value: parse_duration(text).total_seconds() / _DAY_S for kind, text in ages}
        try:
            return cls.model_validate(days)
        except ValidationError as error:
            raise InvalidInputError(": ".join(filter(None, find_first_error(error)))) from None
