"""View models of the daily copies of a chip: the days, and the chip on a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import AliasPath, Field

from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import Column, Document
from qdash_core.models.chip import TargetStatus

if TYPE_CHECKING:
    from qdash_builtin.chips.days import ChipOnDay, TargetCopy


class ChipDayHeader(Document):
    """A day with copies of a chip."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("date", "date"),
        Column("qubits", "qubits"),
        Column("couplings", "couplings"),
        Column("calibrated", "n_calibrated"),
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
