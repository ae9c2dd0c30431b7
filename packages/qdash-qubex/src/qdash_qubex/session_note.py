"""Calibration note of the open session: the parts that QDash keeps and writes."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qdash_qubex.note import TIMESTAMP, Note, is_newer, write_note
from qdash_qubex.note_entries import is_equivalent, make_settings_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_qubex.names import Names
    from qdash_qubex.note import Entry
    from qdash_qubex.note_entries import CalibratedValue
    from qdash_tasks.laboratory.settings import Settings

logger = logging.getLogger(__name__)


class SessionNote:
    """Calibration note of qubex in a session.

    Parameters
    ----------
    note
        A `qubex.CalibrationNote`.
    names : Names
        Labels of the chip.
    """

    def __init__(self, note: Any, names: Names) -> None:
        self._note = note
        self._names = names
        self._told: set[str] = set()

    def to_document(self) -> dict[str, Any]:
        """Return qubex's calibration note, JSON only, without incomplete entries."""
        return Note.from_document(json.loads(str(self._note))).complete().to_document()

    def update(self, note: Mapping[str, Any]) -> None:
        """Put a note into that of qubex: of two entries for one thing the later is kept, and half ones are left out.

        Raises
        ------
        InvalidInputError
            If it is no note of qubex.
        """
        mine = Note.from_document(self.to_document())
        self._put(mine.merge(Note.from_document(dict(note))).complete().entries.values())

    def take_pulses(
        self, settings: Mapping[str, Settings], calibrated: Mapping[str, Mapping[str, CalibratedValue]]
    ) -> None:
        """Apply to qubex the pulses in use that it plays alike, if they are newer than those in its note.

        Parameters
        ----------
        settings, calibrated
            As `make_settings_entries` has them.
        """
        known = Note.from_document(self.to_document())
        for entry in make_settings_entries(settings, calibrated, self._names, now=datetime.now(UTC)):
            there = known.entries.get((entry.section, entry.label))
            if there is not None and is_newer(there, entry) and not is_equivalent(there, entry):
                self._tell(there)
                continue
            if not is_equivalent(there, entry):
                self._put([entry])
            self._uncover(entry, known)

    def _uncover(self, entry: Entry, known: Note) -> None:
        """Remove the DRAG pulse that would take precedence over a newer pulse: qubex plays it whenever it has
        one.
        """
        over = known.entries.get((f"drag_{entry.section}", entry.label))
        if over is None:
            return
        if is_newer(over, entry):
            self._tell(over)
        else:
            self._note.remove_property(over.section, over.label)
            logger.info("%s of qubex' note is older than the pulse in use, and taken out", over.place)

    def _tell(self, entry: Entry) -> None:
        """Warn once that qubex's own session plays something other than QDash's tasks."""
        if entry.place not in self._told:
            self._told.add(entry.place)
            logger.warning(
                "qubex itself plays %s of its note, of %s: newer than the pulse that QDash's tasks play",
                entry.place,
                entry.fields[TIMESTAMP],
            )

    def _put(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._note.put_property(entry.section, entry.label, dict(entry.fields))

    def write(self, path: Path) -> None:
        """Write the note atomically in place of a file: qubex treats an unreadable note as empty."""
        write_note(path, Note.from_document(self.to_document()))
