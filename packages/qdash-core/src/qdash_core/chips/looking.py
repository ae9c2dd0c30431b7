"""Chips as they are looked at: listed, shown, with all of one target, and what their deletion would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.chip import read_chip
from qdash_core.chips.deletion import deletion_impact
from qdash_core.chips.design import design_in_use
from qdash_core.chips.stored import StoredChip
from qdash_core.chips.target import TargetView, view_of
from qdash_core.models.base import utc_now
from qdash_core.models.targets import target_id
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.deletion import DeletionImpact
    from qdash_core.chips.design import Design
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class ChipLooking:
    """Chips of one store, to look at; `ChipService` changes them.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        The zone whose calendar the daily copies keep.
    is_live : callable
        Whether a lease still holds at a moment: a chip that is being measured is not deleted.
    known_to_backend : callable
        Returns the design values that the backend of a chip knows of it.
    require_backend : callable
        Raises NotFoundError where no backend of this name is installed.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        is_live: Callable[[ExecutionLockModel, datetime], bool],
        known_to_backend: Callable[[ChipModel], Mapping[str, DesignValues]] = lambda _chip: {},
        require_backend: Callable[[str], object] = lambda _name: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._is_live = is_live
        self._known_to_backend = known_to_backend
        self._require_backend = require_backend
        self._clock = clock

    def of_project(self, access: Access) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).chips.of_project(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[ChipModel]:
        """Return a page of the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).chips.page(access.project_id, request)

    def header(self, access: Access, chip_id: str) -> ChipModel:
        """Return a chip without its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).chips.require(access.project_id, chip_id)

    def show(self, access: Access, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return read_chip(Repositories(snapshot), access.project_id, chip_id)

    def shown(self, access: Access, chip_id: str) -> StoredChip:
        """Return of a chip what doors show, as it is stored and without its values: a third of the work of `show`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            where = access.project_id, chip_id
            header = repositories.chips.require(*where)
            return StoredChip(
                header,
                repositories.qubits.states_of_chip(*where),
                repositories.couplings.states_of_chip(*where),
            )

    def version(self, access: Access, chip_id: str) -> tuple[datetime, int]:
        """Return what changes whenever something of a chip does: when its header was changed last, and the number of the newest event.

        The number is 0 where no event is on record: then nothing is known of changes.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.chips.require(access.project_id, chip_id)
            return header.changed_at, repositories.events.last_seq(access.project_id)

    def target(self, access: Access, chip_id: str, target: str) -> TargetView:
        """Return a qubit or coupling of a chip with its values and the newest result of each task on it.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or `target` cannot be one.
        """
        with self._store.read() as snapshot:
            return view_of(Repositories(snapshot), access.project_id, chip_id, target_id(target))

    def design(self, access: Access, chip_id: str) -> Design:
        """Return the design values of a chip by target: those kept with it, and those that only its backend knows.

        Raises
        ------
        NotFoundError
            If there is no such chip, or its backend is not installed.
        BackendError
            If the backend cannot tell.
        """
        chip = self.show(access, chip_id)
        return design_in_use(chip, self._known_to_backend(chip.header))

    def deletion_impact(self, access: Access, chip_id: str) -> DeletionImpact:
        """Return what the deletion of a chip would take away, and what it would leave."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return deletion_impact(snapshot, repositories, access.project_id, chip_id)
