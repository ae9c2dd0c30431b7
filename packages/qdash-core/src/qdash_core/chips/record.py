"""What a run reads and writes of its chip, under the lease that it holds."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.chips.chip import Chip, read_chip
from qdash_core.chips.outcome import keep_day, keep_directions, keep_status
from qdash_core.models.base import utc_now
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.marks import LeaseHold
    from qdash_core.repositories.store import Store


class ChipRecord:
    """The record of chips, as runs keep it.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        The zone whose calendar the daily copies keep.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, zone: ZoneInfo, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._zone = zone
        self._clock = clock

    def show(self, project_id: str, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return read_chip(Repositories(snapshot), project_id, chip_id)

    def record_day(self, project_id: str, chip_id: str, *, hold: LeaseHold | None = None) -> None:
        """Keep the header of the chip as the copy of today.

        A run names the lease under which it writes; LockedError when that is lost.
        """
        chip = self.show(project_id, chip_id)
        with self._held(hold) as repositories:
            keep_day(repositories, chip, today=self._today())

    def set_status(
        self,
        project_id: str,
        chip_id: str,
        target_id: str,
        status: TargetStatus,
        *,
        hold: LeaseHold | None = None,
    ) -> None:
        """Set the status of a qubit or coupling and of its copy of today, unless a person has set it aside.

        A run names the lease under which it writes; LockedError when that is lost.
        """
        with self._held(hold) as repositories:
            keep_status(repositories, project_id, chip_id, target_id, status, today=self._today())

    def set_directions(
        self, project_id: str, chip_id: str, controls: Mapping[str, str], *, hold: LeaseHold | None = None
    ) -> None:
        """Say which qubit controls each of these couplings, and keep that in the copies of today, all or none.

        Values that hold for another direction alone are the chip's no more; the history keeps them.

        Raises
        ------
        NotFoundError, InvalidInputError
            If the chip has no such coupling, or the qubit is not one of its two.
        LockedError
            If the lease under which a run writes is lost.
        """
        with self._held(hold) as repositories:
            keep_directions(repositories, project_id, chip_id, controls, today=self._today())

    @contextmanager
    def _held(self, hold: LeaseHold | None) -> Iterator[Repositories]:
        """Write in one transaction, as a run only while its hold on the lease is not lost."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if hold is not None:
                repositories.locks.require(hold)
            yield repositories

    def _today(self) -> str:
        return self._clock().astimezone(self._zone).strftime("%Y%m%d")
