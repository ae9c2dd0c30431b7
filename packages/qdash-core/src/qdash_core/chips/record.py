"""Chip data that runs read, and write under their instrument lock."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.chips.chip import Chip, read_chip
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import ChipHistoryModel, TargetStatus
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.targets import get_target_kind, split_coupling
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ChangedControl, ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.target_status import reassess_target
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.process_marks import LockHold
    from qdash_core.repositories.store import Store
    from qdash_core.values.target_status import StatusRules


def write_status(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target_id: str,
    status: TargetStatus,
    *,
    today: str,
) -> None:
    """Set the status of a qubit or coupling, also in today's copy, unless a user has set it aside."""
    header = repositories.of(ChipRepository).find(project_id, chip_id)
    if header is None:
        return
    where = project_id, chip_id, target_id
    if "-" in target_id:
        former = repositories.of(CouplingCalibrationRepository).update_status(*where, status)
        coupling = repositories.of(CouplingCalibrationRepository).find(*where)
        if coupling is not None:
            repositories.of(CouplingCalibrationRepository).record_day(
                coupling, today, header.current_cooldown_id
            )
    else:
        former = repositories.of(QubitCalibrationRepository).update_status(*where, status)
        qubit = repositories.of(QubitCalibrationRepository).find(*where)
        if qubit is not None:
            repositories.of(QubitCalibrationRepository).record_day(qubit, today, header.current_cooldown_id)
    if former is not None:
        log_chip(
            repositories,
            project_id,
            chip_id,
            "status",
            targets=[target_id],
            statuses={target_id: (former, status)},
        )


def write_directions(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    controls: Mapping[str, str],
    *,
    username: str = "",
    today: str,
) -> None:
    """Set the control qubit of each coupling, also in today's copies.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such chip or coupling, or the qubit is not one of its two.
    """
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    for coupling, control in controls.items():
        if control not in split_coupling(coupling):
            raise InvalidInputError(f"qubit {control} cannot control {coupling}: it is not part of it")
    write_event(
        repositories,
        project_id,
        chip_id,
        EventOrigin(ValueEventKind.TURNED, username),
        [
            TargetEdit(coupling, control=ChangedControl(after=control))
            for coupling, control in controls.items()
        ],
        today=today,
        cooldown_id=header.current_cooldown_id,
    )
    if controls:
        log_chip(repositories, project_id, chip_id, "direction", targets=[*controls])


def write_daily_header(repositories: Repositories, chip: Chip, *, today: str) -> None:
    """Store the header of a chip as today's copy."""
    header = chip.header
    targets = (*chip.qubits.values(), *chip.couplings.values())
    repositories.of(ChipHistoryRepository).put(
        ChipHistoryModel(
            project_id=header.project_id,
            username=header.username,
            chip_id=header.chip_id,
            size=header.size,
            n_couplings=len(chip.couplings),
            n_calibrated=sum(target.status is TargetStatus.CALIBRATED for target in targets),
            installed_at=header.installed_at,
            recorded_date=today,
        )
    )


class ChipRecord:
    """Chips of one store, for runs to read and write.

    Methods raise LockedError if a run no longer holds its instrument lock, which it passes as `hold`. `zone` defines
    the days of the daily copies. `read_judgement` returns the judgement of a chip, given as project and chip.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        read_judgement: Callable[[Repositories, str, str], Judgement] = lambda *_: Judgement(),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._read_judgement = read_judgement
        self._zone = zone
        self._clock = clock

    def show(self, project_id: str, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError if there is none."""
        with self._store.read() as snapshot:
            return read_chip(Repositories(snapshot), project_id, chip_id)

    def record_day(self, project_id: str, chip_id: str, *, hold: LockHold | None = None) -> None:
        """Store the header of the chip as today's copy, with the statuses that follow from its judgement."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = read_chip(repositories, project_id, chip_id)
            chip = chip.judge(self._read_judgement(repositories, project_id, chip_id))
        with self._open_held_transaction(hold) as repositories:
            write_daily_header(repositories, chip, today=self._get_today())

    def assess(
        self, project_id: str, chip_id: str, rules: StatusRules, *, hold: LockHold | None = None
    ) -> None:
        """Add the outcomes of the recorded results to the targets of a chip of an older version, with the status that follows.

        Each target is written by itself, so that no transaction grows with the chip.
        """
        chip = self.show(project_id, chip_id)
        if chip.header.assessed:
            return
        for target in (*chip.qubits.values(), *chip.couplings.values()):
            with self._open_held_transaction(hold) as repositories:
                now = self._clock()
                today = format_day(now, self._zone)
                names = {*target.data, *rules.essential[get_target_kind(target.qid)]}
                reassess_target(repositories, chip.header, target.qid, names, rules, today=today, now=now)
        with self._open_held_transaction(hold) as repositories:
            header = repositories.of(ChipRepository).require(project_id, chip_id)
            repositories.of(ChipRepository).put(header.with_changes(assessed=True, now=self._clock()))

    def set_status(
        self,
        project_id: str,
        chip_id: str,
        target_id: str,
        status: TargetStatus,
        *,
        hold: LockHold | None = None,
    ) -> None:
        """Set the status of a qubit or coupling, also in today's copy, unless a user has set it aside."""
        with self._open_held_transaction(hold) as repositories:
            write_status(repositories, project_id, chip_id, target_id, status, today=self._get_today())

    def set_directions(
        self,
        project_id: str,
        chip_id: str,
        controls: Mapping[str, str],
        *,
        username: str = "",
        hold: LockHold | None = None,
    ) -> None:
        """Set the control qubit of each coupling, also in today's copies, all or none.

        Values that are valid only for the other direction are removed from the chip; the history keeps them.

        Raises
        ------
        NotFoundError, InvalidInputError
            If the chip has no such coupling, or the qubit is not one of its two.
        LockedError
            If the run no longer holds its instrument lock.
        """
        with self._open_held_transaction(hold) as repositories:
            write_directions(
                repositories, project_id, chip_id, controls, username=username, today=self._get_today()
            )

    @contextmanager
    def _open_held_transaction(self, hold: LockHold | None) -> Iterator[Repositories]:
        """Open a transaction; raise LockedError if the run no longer holds its lock."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if hold is not None:
                repositories.of(ExecutionLockRepository).require(hold)
            yield repositories

    def _get_today(self) -> str:
        return format_day(self._clock(), self._zone)
