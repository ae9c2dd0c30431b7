"""Daily copies of a chip: the days on record, and the chip on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from qdash_builtin.record_lookup.stored_states import list_states
from qdash_builtin.values.point_in_time import PointInTime, PointKind
from qdash_core.chips.chip import Chip
from qdash_core.errors import NotFoundError
from qdash_core.models.chip import CouplingHistoryModel, QubitHistoryModel
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.pages import Page
from qdash_core.models.targets import by_number
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

TargetCopy: TypeAlias = QubitHistoryModel | CouplingHistoryModel
"""Daily copy of a qubit or coupling."""


@dataclass(frozen=True, slots=True)
class CopiedDay:
    """Day with copies of a chip.

    Parameters
    ----------
    qubits, couplings : int
        Number of qubits and couplings with a copy of this day: those that changed, or were confirmed.
    n_calibrated : int or None
        Number of calibrated qubits and couplings at the end of the last run of the day, or None if no run
        ended.
    """

    day: date
    qubits: int
    couplings: int
    n_calibrated: int | None


@dataclass(frozen=True, slots=True)
class ChipOnDay:
    """Chip at the end of a day, or at present if the day is today.

    Parameters
    ----------
    targets : mapping of str to TargetCopy
        The last copy of each qubit and coupling that was made on this day or before, with the status that followed from its values then.
    without_copy : sequence of str
        Qubits and couplings without such a copy: no change of them is on record until that day.
    """

    chip_id: str
    day: date
    targets: Mapping[str, TargetCopy]
    without_copy: Sequence[str]
    judgement: Judgement = field(default_factory=Judgement)


class ChipDayService:
    """Service for the daily copies of chips in one store; `zone` is the time zone of the days."""

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        judge: Callable[[Repositories, Chip, datetime], Judgement] = lambda *_: Judgement(),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._judge = judge
        self._zone = zone
        self._clock = clock

    def page(
        self, access: Access, chip_id: str, request: PageRequest, *, before: date | None = None
    ) -> Page[CopiedDay]:
        """Return a page of the days with copies of a chip, newest first, or of those before a day; NotFoundError if there is no such chip."""
        place = (_format(before),) if before is not None and request.after is None else request.place(1)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            days = _iter_days(
                repositories, access.project_id, chip_id, before=None if place is None else str(place[0])
            )
            found = list(islice(days, request.limit + 1))
        return Page.from_items(found, request, lambda one: (_format(one.day),))

    def show(self, access: Access, chip_id: str, day: date) -> ChipOnDay:
        """Return a chip as it was at the end of a day.

        Raises
        ------
        NotFoundError
            If there is no such chip, or no copy of it was made on that day or before.
        InvalidInputError
            If the day is in the future.
        """
        point = PointInTime.parse(f"day:{day}", self._zone, now=self._clock(), kinds=(PointKind.DAY,))
        with self._store.read() as snapshot:
            at = point.moment or self._clock()
            return read_chip_on_day(
                Repositories(snapshot), access.project_id, chip_id, point.day, judge=self._judge, at=at
            )


def read_chip_on_day(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    day: date,
    *,
    judge: Callable[[Repositories, Chip, datetime], Judgement],
    at: datetime,
) -> ChipOnDay:
    """Return a chip as it was at the end of a day, given as `at`, which is now for today.

    Raises
    ------
    NotFoundError
        If there is no such chip, or no copy of that day or before.
    """
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    copies: dict[str, TargetCopy] = {}
    without_copy = []
    for targets in (
        repositories.of(QubitCalibrationRepository),
        repositories.of(CouplingCalibrationRepository),
    ):
        states = list_states(targets, project_id, chip_id)
        for qid in sorted((state["qid"] for state in states), key=by_number):
            copy = targets.find_on_day(project_id, chip_id, qid, _format(day))
            if copy is None:
                without_copy.append(qid)
            else:
                copies[qid] = copy
    if not copies:
        raise NotFoundError(_describe_missing_copies(repositories, project_id, chip_id, day))
    # The newest copy names the cool-down of that day.
    newest = max(copies.values(), key=lambda one: one.recorded_date)
    chip = Chip(
        header.model_copy(update={"current_cooldown_id": newest.cooldown_id}),
        {qid: one for qid, one in copies.items() if isinstance(one, QubitHistoryModel)},
        {qid: one for qid, one in copies.items() if isinstance(one, CouplingHistoryModel)},
    )
    judgement = judge(repositories, chip, at)
    shown = {qid: judgement.show(one) for qid, one in copies.items()}
    return ChipOnDay(chip_id, day, shown, without_copy, judgement)


def _iter_days(
    repositories: Repositories, project_id: str, chip_id: str, *, before: str | None
) -> Iterator[CopiedDay]:
    """Yield the days with copies, newest first, that precede a day."""
    where = project_id, chip_id
    copies = repositories.of(QubitCalibrationRepository), repositories.of(CouplingCalibrationRepository)
    while True:
        newest = [
            one.find_day_before(*where, before) for one in (*copies, repositories.of(ChipHistoryRepository))
        ]
        before = max((day for day in newest if day is not None), default=None)
        if before is None:
            return
        header = repositories.of(ChipHistoryRepository).find(*where, before)
        qubits, couplings = (one.count_copies(*where, before) for one in copies)
        yield CopiedDay(
            date.fromisoformat(before), qubits, couplings, None if header is None else header.n_calibrated
        )


def _describe_missing_copies(repositories: Repositories, project_id: str, chip_id: str, day: date) -> str:
    days = [one.day for one in _iter_days(repositories, project_id, chip_id, before=None)]
    if not days:
        return f"chip {chip_id} has no daily copies yet: they are made when values, statuses or design values change"
    return f"chip {chip_id} has no copy of {day} or before: the first one is of {days[-1]}"


def _format(day: date) -> str:
    """Return a day as copies are dated, such as `20261121`."""
    return day.isoformat().replace("-", "")
