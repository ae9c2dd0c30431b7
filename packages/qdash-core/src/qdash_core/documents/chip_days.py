"""View models of the daily copies of a chip: the days, the chip on a day, two days compared."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.chips.state_comparison import Change
from qdash_core.documents.base import Document
from qdash_core.documents.metrics import VALUE_EXAMPLE, ShownValue
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from qdash_core.chips.days import ChipOnDay, TargetCopy
    from qdash_core.chips.state_comparison import StateComparison

_COPY: dict[str, Any] = {
    "status": "calibrated",
    "copied_on": "2026-11-20",
    "cooldown_id": "cd-7",
    "values": {"t1": VALUE_EXAMPLE},
}
_CHANGE: dict[str, Any] = {
    "target": "0",
    "parameter": "t1",
    "change": "changed",
    "before": VALUE_EXAMPLE,
    "after": {**VALUE_EXAMPLE, "value": 76.2, "error": 1.1, "calibrated_at": "2026-11-22T08:40:12.511027Z"},
    "difference": -5.3,
    "sigmas": 3.1,
}
_STATUS: dict[str, Any] = {"target": "3", "before": "calibrated", "after": "failed"}


class ChipDayHeader(Document):
    """A day with copies of a chip."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"date": "2026-11-20", "qubits": 2, "couplings": 1, "n_calibrated": 3}]
        }
    )

    date: dt.date = Field(validation_alias=AliasPath("day"))
    qubits: int
    """Number of qubits with a copy of this day."""
    couplings: int
    """Number of couplings with a copy of this day."""
    n_calibrated: int | None = None
    """Number of calibrated qubits and couplings after the last run of the day; absent if no run ended."""


class TargetOnDay(Document):
    """A qubit or coupling on a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COPY]})

    status: TargetStatus
    copied_on: dt.date
    """The day of its last copy; it did not change from then to the requested day."""
    cooldown_id: str | None = None
    """Cool-down at the time of the copy."""
    control: str | None = None
    """The control qubit of a coupling; absent if no direction had been chosen."""
    values: dict[str, ShownValue] = Field(validation_alias=AliasPath("data"))

    @classmethod
    def from_copy(cls, copy: TargetCopy) -> Self:
        """Return the view model of a copy."""
        return cls.from_record(copy, copied_on=dt.date.fromisoformat(copy.recorded_date))


class ChipDayDocument(Document):
    """A chip at the end of a day, or at present if the day is today."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "a",
                    "date": "2026-11-21",
                    "qubits": {"0": _COPY},
                    "couplings": {},
                    "without_copy": ["1", "0-1"],
                }
            ]
        }
    )

    chip_id: str
    date: dt.date = Field(validation_alias=AliasPath("day"))
    qubits: dict[str, TargetOnDay]
    couplings: dict[str, TargetOnDay]
    without_copy: list[str]
    """Qubits and couplings of which no change is on record until that day; their state is unknown."""

    @classmethod
    def from_day(cls, chip: ChipOnDay) -> Self:
        """Return the view model of a chip on a day."""
        targets = {target: TargetOnDay.from_copy(copy) for target, copy in chip.targets.items()}
        return cls.from_record(
            chip,
            qubits={target: one for target, one in targets.items() if "-" not in target},
            couplings={target: one for target, one in targets.items() if "-" in target},
        )


class ValueChangeDocument(Document):
    """A value that differs between two days."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    target: str
    parameter: str
    change: Change
    before: ShownValue | None = None
    after: ShownValue | None = None
    difference: float | None = None
    """Second value minus the first one; absent if one is missing or their units differ."""
    sigmas: float | None = None
    """Size of the difference in units of its standard deviation; absent if an error is unknown or both are 0."""


class StatusChangeDocument(Document):
    """A status that differs between two days."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STATUS]})

    target: str
    before: TargetStatus | None = None
    """Absent if the target has no copy of that day or earlier."""
    after: TargetStatus | None = None


class DayComparisonDocument(Document):
    """The differences of a chip between two days."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "chip_id": "a",
                    "before": "2026-11-20",
                    "after": "2026-11-22",
                    "values": [_CHANGE],
                    "statuses": [_STATUS],
                    "unchanged": 17,
                }
            ]
        }
    )

    chip_id: str
    before: dt.date
    after: dt.date
    values: list[ValueChangeDocument]
    statuses: list[StatusChangeDocument]
    unchanged: int
    """Number of equal values."""

    @classmethod
    def from_comparison(cls, chip_id: str, before: dt.date, after: dt.date, found: StateComparison) -> Self:
        """Return the view model of a comparison."""
        return cls.from_record(found, chip_id=chip_id, before=before, after=after)
