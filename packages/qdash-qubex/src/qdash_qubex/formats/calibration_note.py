"""Calibration note of qubex as a format, limited to pulses and gates that both sides play alike."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qdash_core import (
    Format,
    ImportedData,
    InitialValue,
    InvalidInputError,
    SkippedEntry,
    get_control_qubit,
    utc_now,
)
from qdash_qubex.names import Names
from qdash_qubex.note import NoteContents, read_note, write_note
from qdash_qubex.note_entries import CalibratedValue, make_entries
from qdash_qubex.note_values import read_values

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.chips import Chip

logger = logging.getLogger(__name__)

FILE = "calib_note.json"
NATIVE = "qubex-native"
"""Backend whose tasks are procedures of the library, which stores their results in its own note."""


class QubexNote(Format):
    """Format of a `calib_note.json`."""

    name = "qubex-note"
    title = "calibration note of qubex: pulses and gates"
    one_file = True
    for_use = True

    def reads(self, path: Path) -> bool:
        """Return whether a path is a JSON file with a section of a note."""
        if not path.is_file() or path.suffix != ".json":
            return False
        try:
            return bool(read_note(path).entries)
        except InvalidInputError:
            return False

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the values of pulses and gates; see `Format.read`."""
        note = read_note(path)
        values, left = read_values(note, controls={} if chip is None else _get_controls(chip), now=utc_now())
        seeds: dict[str, dict[str, InitialValue]] = {}
        for one in values:
            seeds.setdefault(one.target, {})[one.name] = InitialValue(
                one.parameter, path.name, one.key, one.at
            )
        told = [SkippedEntry(path.name, one.place, one.why) for one in left]
        told += [
            SkippedEntry(path.name, name, "not a section of qubex's notes") for name in sorted(note.rest)
        ]
        return ImportedData(None, seeds, tuple(told))

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        """Write the calibrated pulses that the library plays identically, and log the others; see `Format.write`.

        Raises
        ------
        InvalidInputError
            If there are none, with the reasons, or the library's own procedures calibrate the chip.
        """
        chip_id = chip.header.chip_id
        if chip.header.backend == NATIVE:
            raise InvalidInputError(
                f"chip {chip_id} is calibrated by qubex's own procedures: its pulses are in qubex's own note, which every "
                "run stores"
            )
        values = {
            target: {name: CalibratedValue(one.value, one.calibrated_at) for name, one in model.data.items()}
            for target, model in {**chip.qubits, **chip.couplings}.items()
        }
        entries, left = make_entries(
            values, Names(chip.header.size), controls=_get_controls(chip), now=utc_now()
        )
        if not entries:
            why = "; ".join(f"{one.place}: {one.why}" for one in left) or "no pulse is calibrated"
            raise InvalidInputError(f"no value of chip {chip_id} can be written to a note of qubex: {why}")
        for one in left:
            logger.warning("not written to the note: %s: %s", one.place, one.why)
        write_note(folder / FILE, NoteContents.from_entries(entries))
        return [folder / FILE]


def _get_controls(chip: Chip) -> dict[str, str]:
    return {coupling: get_control_qubit(model) for coupling, model in chip.couplings.items()}
