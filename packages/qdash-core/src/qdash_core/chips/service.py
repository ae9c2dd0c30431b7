"""Chips: made from a topology, listed, shown, removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.chips.chip import Chip, read_chip
from qdash_core.chips.deletion import DeletionImpact, delete_chip, deletion_impact, refuse_while_measured
from qdash_core.chips.design import Design, checked_design, design_in_use
from qdash_core.chips.standing import decide
from qdash_core.chips.wiring import checked
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import Note, utc_now
from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, TargetStatus
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.topology import Topology
    from qdash_core.models.access import Access
    from qdash_core.models.chip import DesignValues, WiringModel
    from qdash_core.models.execution import ExecutionLockModel
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
    known_to_backend : callable
        Returns the design values that the backend of a chip knows of it.
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
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._is_live = is_live
        self._known_to_backend = known_to_backend
        self._clock = clock

    def check_new(self, access: Access, chip_id: str) -> None:
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
            _require_free(Repositories(snapshot), access.project_id, chip_id)

    def create(
        self,
        access: Access,
        chip_id: str,
        topology: Topology,
        *,
        backend: str,
        controls: Mapping[str, str] | None = None,
        wiring: WiringModel | None = None,
        design: Mapping[str, Mapping[str, float | None]] | None = None,
    ) -> Chip:
        """Make a chip with all its qubits and couplings, none of them calibrated.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id, backend : str
            Under which name, measured with what.
        topology : Topology
            Its qubits and couplings.
        controls : mapping of str to str
            Coupling to its controlling qubit, where a direction is known.
        wiring : WiringModel or None
            What it hangs on, if that is known; InvalidInputError when it does not fit the topology.
        design : mapping of str to mapping of str to float or None
            Qubit or coupling to its design values by name, as far as they are known; NotFoundError or InvalidInputError
            when the chip has no such target, or a name or value cannot be.
        """
        access.require(ProjectRole.EDITOR)
        self.check_new(access, chip_id)
        if wiring is not None:
            checked(wiring, topology)
        targets = {*(site.id for site in topology.qubits), *topology.couplings}
        designed = checked_design(design or {}, targets, chip=f"chip {chip_id}")
        shared = {"project_id": access.project_id, "username": access.username, "chip_id": chip_id}
        header = ChipModel(
            **shared, size=len(topology.qubits), topology_id=topology.name, backend=backend, wiring=wiring
        )
        qubits = [
            QubitModel(
                **shared,
                qid=site.id,
                row=site.row,
                col=site.col,
                mux=site.mux,
                design=designed.get(site.id, {}),
            )
            for site in topology.qubits
        ]
        couplings = [
            CouplingModel(
                **shared,
                qid=coupling,
                control=(controls or {}).get(coupling),
                design=designed.get(coupling, {}),
            )
            for coupling in topology.couplings
        ]
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _require_free(repositories, access.project_id, chip_id)
            repositories.chips.add(header)
            repositories.qubits.add_all(qubits)
            repositories.couplings.add_all(couplings)
            repositories.backends.ensure(access.project_id, backend, username=access.username)
        return self.show(access, chip_id)

    def of_project(self, access: Access) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).chips.of_project(access.project_id)

    def show(self, access: Access, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return read_chip(Repositories(snapshot), access.project_id, chip_id)

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

    def set_design(
        self, access: Access, chip_id: str, values: Mapping[str, Mapping[str, float | None]]
    ) -> Chip:
        """Put design values over those that are kept with a chip, all or none, also in the copies of today.

        A run that goes on keeps those with which it began.

        Parameters
        ----------
        access, chip_id
            Who asks, and of which chip.
        values : mapping of str to mapping of str to float or None
            Qubit or coupling to values by name; None: there is none, even where the backend knows one.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or a name or value cannot be.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            chip = read_chip(repositories, access.project_id, chip_id)
            checked_values = checked_design(values, {*chip.qubits, *chip.couplings}, chip=f"chip {chip_id}")
            for target, changed in checked_values.items():
                kept = repositories.couplings if "-" in target else repositories.qubits
                kept.set_design(
                    access.project_id,
                    chip_id,
                    target,
                    changed,
                    recorded_date=self._today(),
                    cooldown_id=chip.header.current_cooldown_id,
                )
        return self.show(access, chip_id)

    def edit(self, access: Access, chip_id: str, **fields: Any) -> ChipModel:
        """Change what a person may change of a chip: `topology_id`, the name of its layout.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or a field cannot be changed so.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            chips = Repositories(transaction).chips
            changed = chips.require(access.project_id, chip_id).changed(fields, _EDITABLE, now=self._clock())
            chips.put(changed)
        return changed

    def deletion_impact(self, access: Access, chip_id: str) -> DeletionImpact:
        """Return what the deletion of a chip would take away, and what it would leave."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return deletion_impact(snapshot, repositories, access.project_id, chip_id)

    def delete(self, access: Access, chip_id: str, *, force: bool = False) -> DeletionImpact:
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
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.chips.require(access.project_id, chip_id)
            refuse_while_measured(
                repositories, access.project_id, chip_id, lambda lease: self._is_live(lease, self._clock())
            )
            impact = deletion_impact(transaction, repositories, access.project_id, chip_id)
            if impact.loses_something and not force:
                raise ConflictError(
                    f"chip {chip_id} has values or a history that would be lost ({impact}): --force removes them"
                )
            delete_chip(transaction, access.project_id, chip_id)
        return impact

    def set_aside(
        self, access: Access, chip_id: str, target_id: str, status: TargetStatus, note: str
    ) -> QubitModel | CouplingModel:
        """Exclude a qubit or coupling, or call it dead, for the reason in the note: no flow measures it any more.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If the status is another one, or the note is empty or too long.
        """
        access.require(ProjectRole.EDITOR)
        if not status.set_aside:
            raise InvalidInputError(
                f"a person excludes a target or calls it dead; runs say whether it is {status}"
            )
        return self._decide(access, chip_id, target_id, status, note)

    def take_back(
        self, access: Access, chip_id: str, target_id: str, note: str
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
        access.require(ProjectRole.EDITOR)
        return self._decide(access, chip_id, target_id, TargetStatus.PENDING, note)

    def _decide(
        self, access: Access, chip_id: str, target_id: str, status: TargetStatus, content: str
    ) -> QubitModel | CouplingModel:
        note = Note.written(content, username=access.username, now=self._clock())
        with self._store.transaction() as transaction:
            return decide(
                Repositories(transaction),
                access.project_id,
                chip_id,
                target_id,
                status,
                note,
                today=self._today(),
            )

    def _today(self) -> str:
        return self._clock().astimezone(self._zone).strftime("%Y%m%d")


def _require_free(repositories: Repositories, project_id: str, chip_id: str) -> None:
    if repositories.chips.find(project_id, chip_id) is not None:
        raise ConflictError(f"chip {chip_id} exists already in project {project_id}")
