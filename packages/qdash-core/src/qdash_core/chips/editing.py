"""Chips as people change them: design, wiring, layout and note, and which of their targets are not measured."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.chips.chip import read_chip
from qdash_core.chips.design import checked_design
from qdash_core.chips.events import log_chip
from qdash_core.chips.looking import ChipLooking
from qdash_core.chips.outcome import keep_design
from qdash_core.chips.standing import decide
from qdash_core.chips.wiring import checked
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.chip import TargetStatus
from qdash_core.models.note import NoteScope
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.events import Changed
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, WiringModel

_EDITABLE = frozenset({"topology_id"})


class ChipEditing(ChipLooking):
    """Chips of one store: looked at as `ChipLooking` has it, and changed."""

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
            keep_design(repositories, header, checked_values, today=self._today())
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
