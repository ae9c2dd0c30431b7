"""Calibration note of the open session, as QDash updates and writes it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from qdash_core import utc_now
from qdash_qubex.note import TIMESTAMP, NoteContents, is_newer, write_note
from qdash_qubex.note_entries import is_equivalent, make_settings_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_qubex.names import Names
    from qdash_qubex.note import NoteEntry
    from qdash_qubex.note_entries import CalibratedValue
    from qdash_tasks.laboratory import Settings

logger = logging.getLogger(__name__)


class SessionNote:
    """Calibration note of qubex in a session, a `qubex.CalibrationNote`."""

    def __init__(self, note: Any, names: Names) -> None:
        self._note = note
        self._names = names
        self._told: set[str] = set()

    def to_document(self) -> dict[str, Any]:
        """Return qubex's calibration note as JSON, without incomplete entries."""
        return NoteContents.from_document(json.loads(str(self._note))).without_incomplete().to_document()

    def update(self, note: Mapping[str, Any]) -> None:
        """Merge a note into that of qubex: the later of two entries is kept, incomplete ones are omitted.

        Raises InvalidInputError if it is no note of qubex.
        """
        mine = NoteContents.from_document(self.to_document())
        self._put(mine.merge(NoteContents.from_document(dict(note))).without_incomplete().entries.values())

    def apply_pulses(
        self, settings: Mapping[str, Settings], calibrated: Mapping[str, Mapping[str, CalibratedValue]]
    ) -> None:
        """Apply pulses in use to qubex's note, if they are newer and qubex plays them alike.

        Arguments are as in `make_settings_entries`.
        """
        known = NoteContents.from_document(self.to_document())
        for entry in make_settings_entries(settings, calibrated, self._names, now=utc_now()):
            there = known.entries.get((entry.section, entry.label))
            if there is not None and is_newer(there, entry) and not is_equivalent(there, entry):
                self._warn_once(there)
                continue
            if not is_equivalent(there, entry):
                self._put([entry])
            self._remove_overriding_pulse(entry, known)

    def _remove_overriding_pulse(self, entry: NoteEntry, known: NoteContents) -> None:
        """Remove a DRAG pulse that would take precedence over a newer pulse."""
        over = known.entries.get((f"drag_{entry.section}", entry.label))
        if over is None:
            return
        if is_newer(over, entry):
            self._warn_once(over)
        else:
            self._note.remove_property(over.section, over.label)
            logger.info("%s of qubex's note is older than the pulse in use, and has been removed", over.place)

    def _warn_once(self, entry: NoteEntry) -> None:
        """Warn once that qubex's own session plays another pulse than QDash's tasks."""
        if entry.place not in self._told:
            self._told.add(entry.place)
            logger.warning(
                "qubex's own procedures use %s of its note (%s), which is newer than the pulse of QDash's tasks",
                entry.place,
                entry.fields[TIMESTAMP],
            )

    def _put(self, entries: Iterable[NoteEntry]) -> None:
        for entry in entries:
            self._note.put_property(entry.section, entry.label, dict(entry.fields))

    def write(self, path: Path) -> None:
        """Write the note atomically to a file: qubex treats an unreadable note as empty."""
        write_note(path, NoteContents.from_document(self.to_document()))
