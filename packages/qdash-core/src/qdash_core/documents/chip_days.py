"""View models of the daily copies of a chip: the days, the chip on a day, two days compared."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.chips.state_comparison import Change
from qdash_core.documents.base import Document
from qdash_core.documents.metrics import VALUE_EXAMPLE, ValueDocument, make_value
from qdash_core.models.chip import CouplingHistoryModel, TargetStatus

if TYPE_CHECKING:
    from qdash_core.chips.days import ChipOnDay, CopiedDay, TargetCopy
    from qdash_core.chips.state_comparison import StateComparison, StatusChange, ValueChange

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

    date: dt.date
    qubits: int
    """Number of qubits with a copy of this day."""
    couplings: int
    """Number of couplings with a copy of this day."""
    n_calibrated: int | None = None
    """Number of calibrated qubits and couplings after the last run of the day; absent if no run ended."""

    @classmethod
    def from_day(cls, copied: CopiedDay) -> Self:
        """Return the view model of a day."""
        return cls(
            date=copied.day,
            qubits=copied.qubits,
            couplings=copied.couplings,
            n_calibrated=copied.n_calibrated,
        )


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
    values: dict[str, ValueDocument]

    @classmethod
    def from_copy(cls, copy: TargetCopy) -> Self:
        """Return the view model of a copy."""
        return cls(
            status=copy.status,
            copied_on=dt.date.fromisoformat(copy.recorded_date),
            cooldown_id=copy.cooldown_id,
            control=copy.control if isinstance(copy, CouplingHistoryModel) else None,
            values={name: make_value(known) for name, known in copy.data.items()},
        )


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
    date: dt.date
    qubits: dict[str, TargetOnDay]
    couplings: dict[str, TargetOnDay]
    without_copy: list[str]
    """Qubits and couplings of which no change is on record until that day; their state is unknown."""

    @classmethod
    def from_day(cls, chip: ChipOnDay) -> Self:
        """Return the view model of a chip on a day."""
        targets = {target: TargetOnDay.from_copy(copy) for target, copy in chip.targets.items()}
        return cls(
            chip_id=chip.chip_id,
            date=chip.day,
            qubits={target: one for target, one in targets.items() if "-" not in target},
            couplings={target: one for target, one in targets.items() if "-" in target},
            without_copy=list(chip.without_copy),
        )


class ValueChangeDocument(Document):
    """A value that differs between two days."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    target: str
    parameter: str
    change: Change
    before: ValueDocument | None = None
    after: ValueDocument | None = None
    difference: float | None = None
    """Second value minus the first one; absent if one is missing or their units differ."""
    sigmas: float | None = None
    """Size of the difference in units of its standard deviation; absent if an error is unknown or both are 0."""

    @classmethod
    def from_change(cls, change: ValueChange) -> Self:
        """Return the view model of a change."""
        return cls(
            target=change.target,
            parameter=change.parameter,
            change=change.change,
            before=None if change.before is None else make_value(change.before),
            after=None if change.after is None else make_value(change.after),
            difference=change.difference,
            sigmas=change.sigmas,
        )


class StatusChangeDocument(Document):
    """A status that differs between two days."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STATUS]})

    target: str
    before: TargetStatus | None = None
    """Absent if the target has no copy of that day or earlier."""
    after: TargetStatus | None = None

    @classmethod
    def from_change(cls, change: StatusChange) -> Self:
        """Return the view model of a change."""
        return cls(target=change.target, before=change.before, after=change.after)


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
        return cls(
            chip_id=chip_id,
            before=before,
            after=after,
            values=[ValueChangeDocument.from_change(one) for one in found.values],
            statuses=[StatusChangeDocument.from_change(one) for one in found.statuses],
            unchanged=found.unchanged,
        )
