"""Calibration note of qubex, handled without qubex: reading, merging, writing.

A note is a JSON file `{section: {label: entry}}`. Entries have local time in whole seconds, and those by QDash also the
zone, without which the later of two may be unknown; after 14 days the library no longer uses them. The library writes
missing numbers as null, and merges field by field; here an entry is complete or omitted, and the newer of two replaces
the other as a whole.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core import InvalidInputError
from qdash_core.artifacts.atomic import write_atomically
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_FILE
from qdash_core.parsing.text_files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

VALID_DAYS = 14
"""Days for which the library uses an entry by default."""

TIMESTAMP = "timestamp"
MADE_AT = "qdash_made_at"
"""Field with the time and its zone in an entry by QDash. It is valid until the library changes its own time field.
"""
_FORMAT = "%Y-%m-%d %H:%M:%S"

SECTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "rabi_params": frozenset(
            {
                "amplitude",
                "frequency",
                "phase",
                "offset",
                "noise",
                "angle",
                "distance",
                "r2",
                "reference_phase",
            }
        ),
        "hpi_params": frozenset({"amplitude", "duration", "tau"}),
        "pi_params": frozenset({"amplitude", "duration", "tau"}),
        "drag_hpi_params": frozenset({"amplitude", "duration", "beta"}),
        "drag_pi_params": frozenset({"amplitude", "duration", "beta"}),
        "state_params": frozenset({"centers", "reference_phase"}),
        "cr_params": frozenset(
            {
                *("duration", "ramptime", "cr_amplitude", "cr_phase", "cr_beta", "rotary_amplitude"),
                *("cancel_amplitude", "cancel_phase", "cancel_beta", "zx_rotation_rate"),
            }
        ),
    }
)
"""Sections of a note, and the fields of their entries besides target and time."""


@dataclass(frozen=True, slots=True)
class NoteEntry:
    """Entry of a calibration note, in a section such as `hpi_params`, for a label such as `Q00`.

    `fields` are as the library writes them, `target` and `timestamp` among them.
    """

    section: str
    label: str
    fields: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Path in the file: `hpi_params.Q00`."""
        return f"{self.section}.{self.label}"

    @property
    def made_at(self) -> datetime | None:
        """Time of the entry, without a zone in that of this machine, or None if missing or in another format."""
        local = str(self.fields.get(TIMESTAMP))
        try:
            moment = datetime.fromisoformat(str(self.fields.get(MADE_AT)))
            if moment.tzinfo is not None and moment.strftime(_FORMAT) == local:
                return moment
        except ValueError:
            pass
        try:
            return datetime.strptime(local, _FORMAT).astimezone()
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def incompleteness(self) -> str | None:
        """Reason why the library cannot use the entry, or None if it is complete."""
        wanted = SECTIONS[self.section]
        missing = sorted(name for name in wanted if not _is_number(name, self.fields.get(name)))
        if missing:
            return f"no number for {', '.join(missing)}"
        return None if self.made_at else f"no {TIMESTAMP} as in 2026-01-31 23:59:59"

    def is_valid(self, now: datetime, days: int = VALID_DAYS) -> bool:
        """Return whether the library would use the entry: complete, and recent enough."""
        return self.incompleteness is None and self.made_at is not None and (now - self.made_at).days < days


@dataclass(frozen=True, slots=True)
class NoteContents:
    """Contents of a calibration note: entries of qubex's sections by section and label, and the preserved rest."""

    entries: Mapping[tuple[str, str], NoteEntry] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_entries(cls, entries: Iterable[NoteEntry]) -> NoteContents:
        """Return a note of these entries; the later of two for the same place is kept."""
        return cls({(entry.section, entry.label): entry for entry in entries})

    @classmethod
    def from_document(cls, document: object) -> NoteContents:
        """Return the note in a JSON document.

        Raises InvalidInputError if it is no mapping, or a section or entry is none.
        """
        if not isinstance(document, dict):
            raise InvalidInputError(
                f"a calibration note is a mapping of sections, not a {type(document).__name__}"
            )
        entries = []
        for section in SECTIONS.keys() & document.keys():
            if not isinstance(document[section], dict):
                raise InvalidInputError(f"{section} is a {type(document[section]).__name__}, not a mapping")
            for label, fields in document[section].items():
                if not isinstance(fields, dict):
                    raise InvalidInputError(f"{section}.{label} is a {type(fields).__name__}, not a mapping")
                entries.append(NoteEntry(section, label, fields))
        rest = {name: value for name, value in document.items() if name not in SECTIONS}
        return cls(cls.from_entries(entries).entries, rest)

    def to_document(self) -> dict[str, Any]:
        """Return the note in the library's format, ordered by section and label."""
        document: dict[str, Any] = dict(self.rest)
        for section, label in sorted(self.entries):
            document.setdefault(section, {})[label] = dict(self.entries[section, label].fields)
        return dict(sorted(document.items()))

    def merge(self, other: NoteContents) -> NoteContents:
        """Return the entries of both notes.

        Of two for one place it keeps the complete one, of two complete ones the newer, else this note's.
        """
        entries = dict(self.entries)
        for place, entry in other.entries.items():
            if place not in entries or _replaces(entry, entries[place]):
                entries[place] = entry
        return NoteContents(entries, {**self.rest, **other.rest})

    def without_incomplete(self) -> NoteContents:
        """Return the note without incomplete entries, which the library could not handle."""
        return NoteContents(
            {place: entry for place, entry in self.entries.items() if entry.incompleteness is None}, self.rest
        )


def make_time_fields(moment: datetime) -> dict[str, str]:
    """Return the time of an entry in local time and whole seconds, like the library's, and with the zone."""
    local = moment.astimezone()
    return {TIMESTAMP: local.strftime(_FORMAT), MADE_AT: local.isoformat(timespec="seconds")}


def read_note(path: Path) -> NoteContents:
    """Return the note in a file.

    Raises NotFoundError if there is no such file; InvalidInputError, a line with file and place, if it is no note.
    """
    text = read_text(path, "calibration note", size=JSON_FILE.size)
    try:
        return NoteContents.from_document(parse_json(text))
    except InvalidInputError as error:
        raise InvalidInputError(f"calibration note {path}: {error}") from error


def write_note(path: Path, note: NoteContents) -> None:
    """Write a note to a file atomically: a crash leaves the old or the new note.

    Raises ValueError for a number that is not finite, which JSON cannot represent; OSError if it cannot be written.
    """
    text = json.dumps(note.to_document(), indent=4, allow_nan=False)
    write_atomically(path, lambda file: file.write(text.encode()))


def is_newer(one: NoteEntry, other: NoteEntry) -> bool:
    """Return whether `one` is later than `other`; an entry without a time is never later."""
    return one.made_at is not None and (other.made_at is None or one.made_at > other.made_at)


def _replaces(new: NoteEntry, old: NoteEntry) -> bool:
    if (new.incompleteness is None) != (old.incompleteness is None):
        return new.incompleteness is None
    return is_newer(new, old)


def _is_number(name: str, value: object) -> bool:
    if name == "centers":
        return isinstance(value, dict) and len(value) > 1 and all(map(_is_point, value.values()))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number("", part) for part in value)
