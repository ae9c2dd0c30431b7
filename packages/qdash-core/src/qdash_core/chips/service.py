"""Chips: made from a topology, listed, shown, removed."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.chips.chip import read_chip
from qdash_core.chips.deletion import delete_chip, deletion_impact, refuse_while_measured
from qdash_core.chips.design import checked_design
from qdash_core.chips.events import log_chip
from qdash_core.chips.looking import ChipLooking
from qdash_core.chips.making import add_chip, new_chip, require_free
from qdash_core.chips.standing import decide
from qdash_core.chips.wiring import checked
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.chip import TargetStatus
from qdash_core.models.note import NoteScope
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.deletion import DeletionImpact
    from qdash_core.chips.events import Changed
    from qdash_core.chips.topology import Topology
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, WiringModel

_CHIP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_EDITABLE = frozenset({"topology_id"})


class ChipService(ChipLooking):
    """Chips of one store: looked at as `ChipLooking` has it, made, changed and removed."""

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

        Raises
        ------
        NotFoundError
            If the backend is not installed.
        """
        access.require(ProjectRole.EDITOR)
        self.check_new(access, chip_id)
        self._require_backend(backend)
        made = new_chip(
            access, chip_id, topology, backend=backend, controls=controls, wiring=wiring, design=design
        )
        with self._store.transaction() as transaction:
            add_chip(Repositories(transaction), made, username=access.username)
        return self.show(access, chip_id)

    def import_(self, access: Access, exported: str | bytes, *, chip_id: str | None = None) -> Chip:
        """Make a chip of what `documents.chip_export.export` wrote as JSON or YAML, with its values.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        exported : str or bytes
            What was written; bytes: in UTF-8.
        chip_id : str or None
            Under which name; None: that which it had.

        Raises
        ------
        InvalidInputError
            If it is not such a text, or something in it cannot be; one line that names the field.
        NotFoundError
            If its backend is not installed.
        ConflictError
            If there is a chip of this name.
        """
        from qdash_core.chips.importing import chip_of, parse_export  # not for who makes a chip otherwise

        access.require(ProjectRole.EDITOR)
        known = parse_export(exported)
        name = chip_id or known.chip_id
        self.check_new(access, name)
        self._require_backend(known.backend)
        made = chip_of(access, name, known)
        with self._store.transaction() as transaction:
            add_chip(Repositories(transaction), made, username=access.username)
        return self.show(access, name)

    def set_design(
        self,
        access: Access,
        chip_id: str,
        values: Mapping[str, Mapping[str, float | None]],
        *,
        as_of: datetime | None = None,
    ) -> Chip:
        """Put design values over those that are kept with a chip, all or none, also in the copies of today.

        A run that goes on keeps those with which it began.

        Parameters
        ----------
        access, chip_id
            Who asks, and of which chip.
        values : mapping of str to mapping of str to float or None
            Qubit or coupling to values by name; None: there is none, even where the backend knows one.
        as_of : datetime or None
            `ChipModel.changed_at` as the chip was read; None: whatever it is now.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or a name or value cannot be.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._changing(access, chip_id, as_of) as (repositories, header):
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
                    cooldown_id=header.current_cooldown_id,
                )
            repositories.chips.put(header.changed({}, _EDITABLE, now=self._clock()))
            self._log(repositories, access, chip_id, "design", targets=checked_values)
        return self.show(access, chip_id)

    def set_wiring(
        self, access: Access, chip_id: str, wiring: WiringModel | None, *, as_of: datetime | None = None
    ) -> ChipModel:
        """Say what a chip hangs on, in place of what was said before; None: nothing is known.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or the wiring does not fit it.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._changing(access, chip_id, as_of) as (repositories, header):
            if wiring is not None:
                checked(wiring, read_chip(repositories, access.project_id, chip_id).topology)
            changed = header.changed({"wiring": wiring}, {"wiring"}, now=self._clock())
            repositories.chips.put(changed)
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
        """Change what a person may change of a chip: `topology_id`, the name of its layout, and its note.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, or a field cannot be changed so.
        StaleError
            If the chip was changed since `as_of`.
        """
        with self._changing(access, chip_id, as_of) as (repositories, header):
            changed = header.changed(fields, _EDITABLE, now=self._clock())
            if note is not None and (note or changed.note.content):
                changed.note = Note.written(
                    note, username=access.username, before=header.note.changed_at, now=self._clock()
                )
                repositories.note_events.log(
                    changed.note, access.project_id, NoteScope.CHIP, chip_id, chip_id=chip_id
                )
            repositories.chips.put(changed)
            self._log(repositories, access, chip_id, "topology")
        return changed

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
            delete_chip(transaction, access.project_id, chip_id, now=self._clock())
            log_chip(repositories, access.project_id, chip_id, "deleted", username=access.username)
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
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            decided = decide(
                repositories,
                access.project_id,
                chip_id,
                target_id,
                status,
                content,
                username=access.username,
                now=self._clock(),
                today=self._today(),
            )
            self._log(repositories, access, chip_id, "status", targets=[decided.qid])
        return decided

    @contextmanager
    def _changing(
        self, access: Access, chip_id: str, as_of: datetime | None
    ) -> Iterator[tuple[Repositories, ChipModel]]:
        """Write to a chip in one transaction, unless it was changed since it was read."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            header = repositories.chips.require(access.project_id, chip_id)
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

    def _today(self) -> str:
        return self._clock().astimezone(self._zone).strftime("%Y%m%d")
