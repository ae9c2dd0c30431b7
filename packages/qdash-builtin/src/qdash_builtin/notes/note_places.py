"""Places of notes: fields in the documents of chips, qubits, couplings, results, cryostats and cool-downs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.notes.model import NoteScope
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import Note, make_later_time
from qdash_core.models.targets import parse_coupling_id, parse_qubit_id
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from qdash_core.repositories.store import Document, Key, Snapshot


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Place of a note; a qubit or coupling has a chip, and a result that has to be one of this chip."""

    scope: NoteScope
    target_id: str
    chip_id: str = ""

    @property
    def storage_field(self) -> tuple[str, str]:
        """Collection and field of the note; InvalidInputError for a note on a metric."""
        if self.scope not in _FIELDS:
            raise InvalidInputError(
                f"a note on a metric has a scope of time: a note on {self.scope} has none"
            )
        return _FIELDS[self.scope]

    @property
    def id(self) -> str:
        """Stored id of the noted object; InvalidInputError if it is not valid."""
        match self.scope:
            case NoteScope.QUBIT:
                return parse_qubit_id(self.target_id)
            case NoteScope.COUPLING:
                return parse_coupling_id(self.target_id)
            case _:
                return self.target_id


@dataclass(frozen=True, slots=True)
class PlacedNote:
    """Note with its place, which has stored ids.

    Parameters
    ----------
    note : Note
        The note; empty if none was written or it was cleared.
    extra : mapping
        `qid` and `task_name` of a result; empty for other places.
    """

    place: NotePlace
    note: Note
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_document(cls, place: NotePlace, document: Document) -> Self:
        """Return the note that the stored document of a place holds."""
        of_result = place.scope is NoteScope.TASK_RESULT
        return cls(
            replace(place, target_id=place.id, chip_id=document.get("chip_id", "")),
            Note.model_validate(document.get(place.storage_field[1], {})),
            {"qid": document["qid"], "task_name": document["name"]} if of_result else {},
        )


_FIELDS = {
    NoteScope.CHIP: ("chip", "note"),
    NoteScope.QUBIT: ("qubit", "note"),
    NoteScope.COUPLING: ("coupling", "note"),
    NoteScope.TASK_RESULT: ("task_result_history", "user_note"),
    NoteScope.CRYOSTAT: ("cryostat", "note"),
    NoteScope.COOLDOWN: ("cooldown", "note"),
}


def get_document(snapshot: Snapshot, project_id: str, place: NotePlace) -> Document:
    """Return the stored document with the note at this place.

    Raises
    ------
    NotFoundError
        If there is none. The message names the chips, cryostats or cool-downs there are.
    InvalidInputError
        If the place is a metric, or the id cannot be one.
    """
    collection, _ = place.storage_field
    document = snapshot.get(collection, _make_key(project_id, place))
    if document is None or (place.chip_id and document["chip_id"] != place.chip_id):
        _require_parents(snapshot, project_id, place)
        on_chip = f" of chip {place.chip_id!r}" if place.chip_id else ""
        raise NotFoundError(
            f"there is no {place.scope.replace('_', ' ')} {place.target_id!r}{on_chip} in project {project_id}: {_look(place)}"
        )
    return document


def make_change_time(document: Document, note: Note, *, now: datetime) -> datetime:
    """Return the time of the change of a noted document, see `make_later_time`."""
    return make_later_time(max(datetime.fromisoformat(document["updated_at"]), note.changed_at), now)


def _make_key(project_id: str, place: NotePlace) -> Key:
    if place.scope in (NoteScope.QUBIT, NoteScope.COUPLING):
        return project_id, place.chip_id, place.id
    return project_id, place.id


def _look(place: NotePlace) -> str:
    if place.scope is NoteScope.TASK_RESULT:
        return "`qdash executions show ID --json` names the results of a run"
    return f"`qdash chip show {place.chip_id} --json` lists those there are"


def _require_parents(snapshot: Snapshot, project_id: str, place: NotePlace) -> None:
    """Raise NotFoundError for the first missing parent, such as the chip of a qubit."""
    repositories = Repositories(snapshot)
    match place.scope:
        case NoteScope.CRYOSTAT:
            cryostats = snapshot.find("cryostat", {"project_id": project_id})
            known = ", ".join(one["cryo_id"] for one in cryostats) or "none yet"
            raise NotFoundError(
                f"there is no cryostat {place.target_id!r} in project {project_id} (known: {known})"
            )
        case NoteScope.COOLDOWN:
            repositories.of(CooldownRepository).require(project_id, place.target_id)
        case NoteScope.CHIP:
            repositories.of(ChipRepository).require(project_id, place.target_id)
        case _ if place.chip_id:
            repositories.of(ChipRepository).require(project_id, place.chip_id)
