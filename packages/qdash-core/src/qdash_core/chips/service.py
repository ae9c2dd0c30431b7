"""Chips: made from a topology or an export, looked at, changed, removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.cancellation import checkpoint
from qdash_core.chips.deletion import delete_chip, deletion_impact, refuse_while_measured
from qdash_core.chips.editing import ChipEditing
from qdash_core.chips.events import log_chip
from qdash_core.chips.making import add_chip, chip_of, new_chip, require_free
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.deletion import DeletionImpact
    from qdash_core.chips.topology import Topology
    from qdash_core.models.access import Access
    from qdash_core.models.chip import WiringModel

_CHIP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ChipService(ChipEditing):
    """Chips of one store: looked at and changed as `ChipEditing` has it, made and removed."""

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
        from qdash_core.chips.importing import parse_export, parts_of  # not for who makes a chip otherwise

        access.require(ProjectRole.EDITOR)
        known = parse_export(exported)
        checkpoint()
        name, backend = chip_id or known.chip_id, known.backend
        self.check_new(access, name)
        self._require_backend(backend)
        parts = parts_of(known)
        del known  # of a large chip each form takes 100 MB
        made = chip_of(access, name, parts, backend=backend)
        checkpoint()
        with self._store.transaction() as transaction:
            add_chip(Repositories(transaction), made, username=access.username)
        return made

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
