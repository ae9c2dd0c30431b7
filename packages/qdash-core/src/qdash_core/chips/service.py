"""Chips: made from a topology, listed, shown, removed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.chips.chip import Chip
from qdash_core.chips.deletion import DeletionImpact, delete_chip, deletion_impact, refuse_while_measured
from qdash_core.chips.outcome import keep_day, keep_directions, keep_status
from qdash_core.chips.standing import decide
from qdash_core.chips.wiring import checked
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import Note, utc_now
from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, TargetStatus
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.topology import Topology
    from qdash_core.models.chip import WiringModel
    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.models.marks import LeaseHold
    from qdash_core.repositories.store import Store

_CHIP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_EDITABLE = frozenset({"topology_id"})


class ChipService:
    """Chips of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        The zone whose calendar the daily copies keep.
    is_live : callable
        Whether a lease still holds at a moment: a chip that is being measured is not deleted.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        is_live: Callable[[ExecutionLockModel, datetime], bool],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._is_live = is_live
        self._clock = clock

    def check_new(self, project_id: str, chip_id: str) -> None:
        """Refuse a chip id that is not one or that is taken.

        Raises
        ------
        InvalidInputError, ConflictError
            Which of the two.
        """
        if not _CHIP_ID.fullmatch(chip_id):
            raise InvalidInputError(
                f"chip id {chip_id!r}: up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
        with self._store.read() as snapshot:
            _require_free(Repositories(snapshot), project_id, chip_id)

    def create(
        self,
        project_id: str,
        chip_id: str,
        topology: Topology,
        *,
        username: str,
        backend: str,
        controls: Mapping[str, str] | None = None,
        wiring: WiringModel | None = None,
    ) -> Chip:
        """Make a chip with all its qubits and couplings, none of them calibrated.

        Parameters
        ----------
        project_id, chip_id, username, backend : str
            Where, under which name, by whom, measured with what.
        topology : Topology
            Its qubits and couplings.
        controls : mapping of str to str
            Coupling to its controlling qubit, where a direction is known.
        wiring : WiringModel or None
            What it hangs on, if that is known; InvalidInputError when it does not fit the topology.
        """
        self.check_new(project_id, chip_id)
        if wiring is not None:
            checked(wiring, topology)
        shared = {"project_id": project_id, "username": username, "chip_id": chip_id}
        header = ChipModel(
            **shared, size=len(topology.qubits), topology_id=topology.name, backend=backend, wiring=wiring
        )
        qubits = [
            QubitModel(**shared, qid=site.id, row=site.row, col=site.col, mux=site.mux)
            for site in topology.qubits
        ]
        couplings = [
            CouplingModel(**shared, qid=coupling, control=(controls or {}).get(coupling))
            for coupling in topology.couplings
        ]
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _require_free(repositories, project_id, chip_id)
            repositories.chips.add(header)
            repositories.qubits.add_all(qubits)
            repositories.couplings.add_all(couplings)
            repositories.backends.ensure(project_id, backend, username=username)
        return self.show(project_id, chip_id)

    def of_project(self, project_id: str) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).chips.of_project(project_id)

    def show(self, project_id: str, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.chips.require(project_id, chip_id)
            qubits = {qubit.qid: qubit for qubit in repositories.qubits.of_chip(project_id, chip_id)}
            couplings = {
                coupling.qid: coupling for coupling in repositories.couplings.of_chip(project_id, chip_id)
            }
        return Chip(header, qubits, couplings)

    def edit(self, project_id: str, chip_id: str, **fields: Any) -> ChipModel:
        """Change what a person may change of a chip: `topology_id`, the name of its layout.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or a field cannot be changed so.
        """
        with self._store.transaction() as transaction:
            chips = Repositories(transaction).chips
            changed = chips.require(project_id, chip_id).changed(fields, _EDITABLE, now=self._clock())
            chips.put(changed)
        return changed

    def deletion_impact(self, project_id: str, chip_id: str) -> DeletionImpact:
        """Return what the deletion of a chip would take away, and what it would leave."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(project_id, chip_id)
            return deletion_impact(snapshot, repositories, project_id, chip_id)

    def delete(self, project_id: str, chip_id: str, *, force: bool = False) -> DeletionImpact:
        """Remove a chip with its values and daily copies. Executions, results and the log of notes stay as history.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        ConflictError
            If anything would be lost and `force` is not set. It says what.
        LockedError
            If a run is measuring it.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.chips.require(project_id, chip_id)
            refuse_while_measured(
                repositories, project_id, chip_id, lambda lease: self._is_live(lease, self._clock())
            )
            impact = deletion_impact(transaction, repositories, project_id, chip_id)
            if impact.loses_something and not force:
                raise ConflictError(
                    f"chip {chip_id} has values or a history that would be lost ({impact}): --force removes them"
                )
            delete_chip(transaction, project_id, chip_id)
        return impact

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

    def set_aside(
        self, project_id: str, chip_id: str, target_id: str, status: TargetStatus, note: str, *, username: str
    ) -> QubitModel | CouplingModel:
        """Exclude a qubit or coupling, or call it dead, for the reason in the note: no flow measures it any more.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If the status is another one, or the note is empty or too long.
        """
        if not status.set_aside:
            raise InvalidInputError(
                f"a person excludes a target or calls it dead; runs say whether it is {status}"
            )
        return self._decide(project_id, chip_id, target_id, status, note, username)

    def take_back(
        self, project_id: str, chip_id: str, target_id: str, note: str, *, username: str
    ) -> QubitModel | CouplingModel:
        """Let flows measure a qubit or coupling again that was set aside. It keeps its values, and is pending till then.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If the note is empty or too long.
        ConflictError
            If it is not set aside.
        """
        return self._decide(project_id, chip_id, target_id, TargetStatus.PENDING, note, username)

    def _decide(
        self, project_id: str, chip_id: str, target_id: str, status: TargetStatus, content: str, username: str
    ) -> QubitModel | CouplingModel:
        note = Note.written(content, username=username, now=self._clock())
        with self._store.transaction() as transaction:
            return decide(
                Repositories(transaction), project_id, chip_id, target_id, status, note, today=self._today()
            )

    def _today(self) -> str:
        return self._clock().astimezone(self._zone).strftime("%Y%m%d")


def _require_free(repositories: Repositories, project_id: str, chip_id: str) -> None:
    if repositories.chips.find(project_id, chip_id) is not None:
        raise ConflictError(f"chip {chip_id} exists already in project {project_id}")
