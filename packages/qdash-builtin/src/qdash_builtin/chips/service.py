"""Service to create, import, read, edit and delete chips."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.deletion import (
    delete_chip,
    describe_deletion,
    list_lost_files,
    refuse_while_referenced,
)
from qdash_builtin.chips.design_writing import write_design
from qdash_builtin.chips.new_chip import add_chip, make_described_chip, make_new_chip, require_free
from qdash_builtin.chips.topology_check import get_fitting_topology
from qdash_builtin.metrics.stored_chip import StoredChip
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_builtin.record_lookup.stored_states import list_states
from qdash_builtin.values.gate import ValueGate
from qdash_builtin.values.measured_chips import refuse_while_measured
from qdash_core.chips.chip import read_chip
from qdash_core.chips.design import complete_design, validate_design
from qdash_core.chips.wiring import validate_wiring
from qdash_core.errors import ConflictError
from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.ids import check_id
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.chips.deletion import DeletionImpact
    from qdash_builtin.values.gate import TableEntry
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.chips.topology import Topology
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, DesignValues, WiringModel
    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.chip_events import Changed
    from qdash_core.repositories.store import Store

_EDITABLE = frozenset({"topology_id"})


class ChipService:
    """Chips of one store. Single qubits and couplings are handled by `TargetService`.

    Parameters
    ----------
    zone : ZoneInfo
        Time zone that defines the days of the daily copies.
    is_live : callable
        Returns whether an instrument lock is still held: a chip that is being measured is not deleted.
    known_to_backend : callable
        Returns the design values that the backend of a chip provides.
    require_backend : callable
        Raises NotFoundError if no backend of this name is installed.
    quantities : callable
        Returns the declared parameters, by which the values of an imported chip are checked.
    load_entities : callable
        Loads the entities of plugins, by which the records that a deletion removes or keeps are counted.
    remove_files : callable
        Removes the files of records that are removed with a chip.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        is_live: Callable[[ExecutionLockModel], bool],
        known_to_backend: Callable[[ChipModel], Mapping[str, DesignValues]] = lambda _chip: {},
        require_backend: Callable[[str], object] = lambda _name: None,
        quantities: Callable[[], Mapping[str, TableEntry]] = dict,
        load_entities: Callable[[], object] = lambda: None,
        remove_files: Callable[[Sequence[str]], None] = lambda _paths: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._quantities = quantities
        self._load_entities = load_entities
        self._is_live = is_live
        self._known_to_backend = known_to_backend
        self._require_backend = require_backend
        self._remove_files = remove_files
        self._clock = clock

    def list_by_project(self, access: Access) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ChipRepository).list_by_project(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[ChipModel]:
        """Return a page of the chips of a project, newest first."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ChipRepository).page(access.project_id, request)

    def get_header(self, access: Access, chip_id: str) -> ChipModel:
        """Return a chip without its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ChipRepository).require(access.project_id, chip_id)

    def show(self, access: Access, chip_id: str) -> Chip:
        """Return a chip with its qubits and couplings; NotFoundError when there is none."""
        with self._store.read() as snapshot:
            return read_chip(Repositories(snapshot), access.project_id, chip_id)

    def get_stored(self, access: Access, chip_id: str) -> StoredChip:
        """Return the stored states of a chip without values, in a third of the time of `show`."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            where = access.project_id, chip_id
            header = repositories.of(ChipRepository).require(*where)
            return StoredChip(
                header,
                list_states(repositories.of(QubitCalibrationRepository), *where),
                list_states(repositories.of(CouplingCalibrationRepository), *where),
            )

    def design(self, access: Access, chip_id: str) -> Design:
        """Return the design values of a chip by target, completed with those that only its backend has.

        Raises
        ------
        NotFoundError
            If there is no such chip, or its backend is not installed.
        BackendError
            If the backend cannot provide them.
        """
        chip = self.show(access, chip_id)
        return complete_design(chip, self._known_to_backend(chip.header))

    def check_new(self, access: Access, chip_id: str) -> None:
        """Raise an error if a chip id is invalid or taken.

        Raises
        ------
        InvalidInputError
            If it is invalid.
        ConflictError
            If it is taken.
        """
        check_id(chip_id, "chip")
        with self._store.read() as snapshot:
            require_free(Repositories(snapshot), access.project_id, chip_id)

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
        """Create a chip with all its qubits and couplings uncalibrated.

        Parameters
        ----------
        controls : mapping of str to str
            Control qubit by coupling, where a direction is known.
        wiring : WiringModel or None
            Its wiring, or None if unknown; InvalidInputError if it does not fit the topology.
        design : mapping of str to mapping of str to float or None
            Known design values by qubit or coupling, then by name; NotFoundError if the chip has no such
            target, InvalidInputError if a name or value is invalid.

        Raises
        ------
        NotFoundError
            If the backend is not installed.
        """
        access.require(ProjectRole.EDITOR)
        self.check_new(access, chip_id)
        self._require_backend(backend)
        made = make_new_chip(
            access, chip_id, topology, backend=backend, controls=controls, wiring=wiring, design=design
        )
        with self._store.transaction() as transaction:
            add_chip(Repositories(transaction), made, username=access.username, today=self._get_today())
        return self.show(access, chip_id)

    def import_(self, access: Access, exported: str | bytes, *, chip_id: str | None = None) -> Chip:
        """Create a chip with its values from the JSON or YAML that `documents.chip_export.export` wrote.

        Parameters
        ----------
        exported : str or bytes
            The exported text, or its UTF-8 bytes.
        chip_id : str or None
            Its new id, or None to keep the exported one.

        Raises
        ------
        InvalidInputError
            If the text is not an exported chip or a field is invalid. The message is one line and names the
            field.
        NotFoundError
            If its backend is not installed.
        ConflictError
            If there is a chip with this id.
        """
        from qdash_builtin.chips.exported_chip import (  # imported only where it is needed
            admit_parts,
            parse_export,
            validate_parts,
        )

        access.require(ProjectRole.EDITOR)
        known = parse_export(exported)
        checkpoint()
        name, backend = chip_id or known.chip_id, known.backend
        self.check_new(access, name)
        self._require_backend(backend)
        parts = admit_parts(validate_parts(known), ValueGate(self._quantities(), self._clock()))
        del known  # each form of a large chip takes 100 MB
        made = make_described_chip(access, name, parts, backend=backend)
        checkpoint()
        with self._store.transaction() as transaction:
            add_chip(Repositories(transaction), made, username=access.username, today=self._get_today())
        return made

    def set_design(
        self,
        access: Access,
        chip_id: str,
        values: Mapping[str, Mapping[str, float | None]],
        *,
        as_of: datetime | None = None,
    ) -> Chip:
        """Update the design values of a chip and of its copies of today, all or none.

        A run in progress keeps the values with which it began.

        Parameters
        ----------
        values : mapping of str to mapping of str to float or None
            Values by qubit or coupling, then by name; None states that there is no value, even if the backend
            has one.
        as_of : datetime or None
            `ChipModel.changed_at` when the chip was read, or None to skip the check.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or a name or value is invalid.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._open_change(access, chip_id, as_of) as (repositories, header):
            chip = read_chip(repositories, access.project_id, chip_id)
            checked_values = validate_design(values, {*chip.qubits, *chip.couplings}, chip=f"chip {chip_id}")
            write_design(
                repositories,
                header,
                checked_values,
                username=access.username,
                today=self._get_today(),
                now=self._clock(),
            )
        return self.show(access, chip_id)

    def set_wiring(
        self, access: Access, chip_id: str, wiring: WiringModel | None, *, as_of: datetime | None = None
    ) -> ChipModel:
        """Set the wiring of a chip, or None if it is unknown.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or the wiring does not fit it.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._open_change(access, chip_id, as_of) as (repositories, header):
            if wiring is not None:
                validate_wiring(wiring, read_chip(repositories, access.project_id, chip_id).topology)
            changed = header.with_validated_changes({"wiring": wiring}, {"wiring"}, now=self._clock())
            repositories.of(ChipRepository).put(changed)
            self._log(repositories, access, chip_id, "wiring")
        return changed

    def edit(
        self,
        access: Access,
        chip_id: str,
        *,
        as_of: datetime | None = None,
        note: str | None = None,
        **fields: Any,
    ) -> ChipModel:
        """Change the editable fields of a chip: `topology_id`, which names its layout, and its note.

        With the name of a built-in topology, the chip takes its positions and multiplexers.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or a field cannot be changed to this value: the topology does not have the
            qubits and couplings of the chip, or the wiring does not fit its multiplexers.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._open_change(access, chip_id, as_of) as (repositories, header):
            changed = header.with_validated_changes(fields, _EDITABLE, now=self._clock())
            if changed.topology_id != header.topology_id:
                _write_topology(repositories, header, changed.topology_id, today=self._get_today())
            if note is not None and (note or changed.note.content):
                changed.note = Note.create(
                    note, username=access.username, before=header.note.changed_at, now=self._clock()
                )
                repositories.of(NoteEventRepository).append(
                    changed.note, access.project_id, NoteScope.CHIP, chip_id, chip_id=chip_id
                )
            repositories.of(ChipRepository).put(changed)
            self._log(repositories, access, chip_id, "topology")
        return changed

    def describe_deletion(self, access: Access, chip_id: str) -> DeletionImpact:
        """Return what the deletion of a chip would remove and keep."""
        self._load_entities()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return describe_deletion(snapshot, repositories, access.project_id, chip_id)

    def delete(self, access: Access, chip_id: str, *, force: bool = False) -> DeletionImpact:
        """Delete a chip with its values and daily copies; executions, results and the log of notes stay.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        ConflictError
            If records that must not lose it refer to it, or data would be lost and `force` is not set. The message lists the data.
        LockedError
            If a run is measuring it.
        """
        access.require(ProjectRole.EDITOR)
        self._load_entities()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            refuse_while_measured(repositories, access.project_id, chip_id, self._is_live)
            refuse_while_referenced(transaction, access.project_id, chip_id)
            impact = describe_deletion(transaction, repositories, access.project_id, chip_id)
            if impact.loses_something and not force:
                raise ConflictError(
                    f"chip {chip_id} has values or a history that would be lost ({impact}): --force removes them"
                )
            lost_files = list_lost_files(transaction, access.project_id, chip_id)
            delete_chip(transaction, access.project_id, chip_id, now=self._clock())
            log_chip(repositories, access.project_id, chip_id, "deleted", username=access.username)
        self._remove_files(lost_files)
        return impact

    @contextmanager
    def _open_change(
        self, access: Access, chip_id: str, as_of: datetime | None
    ) -> Iterator[tuple[Repositories, ChipModel]]:
        """Open a transaction to change a chip; raise StaleError if it was changed since `as_of`."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            refuse_stale(f"chip {chip_id}", header.changed_at, as_of)
            yield repositories, header

    def _log(
        self,
        repositories: Repositories,
        access: Access,
        chip_id: str,
        what: Changed,
        *,
        targets: Collection[str] = (),
    ) -> None:
        log_chip(repositories, access.project_id, chip_id, what, username=access.username, targets=targets)

    def _get_today(self) -> str:
        return format_day(self._clock(), self._zone)


def _write_topology(repositories: Repositories, header: ChipModel, topology_id: str, *, today: str) -> None:
    """Give the qubits of a chip the positions and multiplexers of a built-in topology, also in today's copies.

    Raises
    ------
    InvalidInputError
        If the topology does not exist or does not have the chip's qubits and couplings, or the wiring does not fit it.
    """
    chip = read_chip(repositories, header.project_id, header.chip_id)
    topology = get_fitting_topology(topology_id, chip)
    if header.wiring is not None:
        validate_wiring(header.wiring, topology)
    for site in topology.qubits:
        known = chip.qubits[site.id]
        repositories.of(QubitCalibrationRepository).write_values(
            known.with_changes(row=site.row, col=site.col, mux=site.mux, now=utc_now()),
            former=known,
            recorded_date=today,
            cooldown_id=header.current_cooldown_id,
        )
