"""Files of notes, which stay with all edits of the notes on their object, so that each can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.notes.metric_notes import make_empty_note
from qdash_builtin.notes.model import NoteFilesModel, NoteScope
from qdash_builtin.notes.note_places import NotePlace, get_document
from qdash_builtin.notes.repository import NoteFilesRepository
from qdash_core.errors import InvalidInputError
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from qdash_builtin.attachments.model import Attachment
    from qdash_core.models.access import Access
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.repositories.store import Snapshot

_METRICS = {NoteScope.QUBIT_METRIC: NoteScope.QUBIT, NoteScope.COUPLING_METRIC: NoteScope.COUPLING}
"""Kinds of targets by the kinds of their metrics."""
_OF_CHIP = (NoteScope.CHIP, NoteScope.QUBIT, NoteScope.COUPLING, *_METRICS)


@dataclass(frozen=True, slots=True)
class NotedObject:
    """Object of notes, with the same parts as the edits of its notes.

    Its id is that of the qubit or coupling of a metric, else the metric is empty. Only qubits and couplings need a
    chip.
    """

    scope: NoteScope
    target_id: str
    chip_id: str = ""
    metric_key: str = ""

    @property
    def place(self) -> NotePlace:
        """Place of the object; that of the target of a metric."""
        chip_id = "" if self.scope is NoteScope.CHIP else self.chip_id
        return NotePlace(_METRICS.get(self.scope, self.scope), self.target_id, chip_id)

    @property
    def key(self) -> tuple[NoteScope, str, str, str]:
        """Parts of the key of its files; InvalidInputError if one is missing or not valid."""
        if bool(self.metric_key) is not (self.scope in _METRICS):
            raise InvalidInputError(
                f"a {self.scope.replace('_', ' ')} needs {'a' if self.scope in _METRICS else 'no'} metric"
            )
        chip_id = self.target_id if self.scope is NoteScope.CHIP else self.chip_id
        if self.scope in _OF_CHIP and not chip_id:
            raise InvalidInputError(
                f"{self.scope.replace('_', ' ')} {self.target_id} is of no chip: name the chip"
            )
        return self.scope, chip_id if self.scope in _OF_CHIP else "", self.place.id, self.metric_key


class NoteFiles:
    """Objects of notes as `AttachmentService` takes them; `metrics` returns the metrics that the metrics file names.

    Files of an object that is deleted stay, as the edits of its notes do.
    """

    noun = "note"
    accepted = TEXT_FILES
    edit_role = ProjectRole.EDITOR

    def __init__(
        self, metrics: Callable[[TargetKind], Collection[str]], clock: Callable[[], datetime]
    ) -> None:
        self._metrics = metrics
        self._clock = clock

    def make_folder(self, key: NotedObject) -> str:
        return f"note/{sha256(repr(key.key).encode()).hexdigest()[:16]}"

    def load(self, repositories: Repositories, access: Access, key: NotedObject) -> Sequence[Attachment]:
        found = repositories.of(NoteFilesRepository).find(access.project_id, *key.key)
        if found is None:
            self._require_object(repositories, access, key)
        return [] if found is None else found.attachments

    def save(
        self, repositories: Repositories, access: Access, key: NotedObject, files: list[Attachment]
    ) -> None:
        scope, chip_id, target_id, metric_key = key.key
        repository, now = repositories.of(NoteFilesRepository), self._clock()
        former = repository.find(access.project_id, *key.key)
        known = [] if former is None else former.attachments
        if any(one not in known for one in files):
            self._require_object(repositories, access, key)
        changed = NoteFilesModel(
            project_id=access.project_id,
            scope=scope,
            chip_id=chip_id,
            target_id=target_id,
            metric_key=metric_key,
            attachments=files,
            created_at=now if former is None else former.created_at,
            updated_at=now,
        )
        if files:
            repository.put(changed)
        else:
            repository.remove(changed)

    def _require_object(self, repositories: Repositories, access: Access, key: NotedObject) -> None:
        """Raise NotFoundError if there is no such object."""
        snapshot = cast("Snapshot", repositories.scope)
        if key.metric_key:
            make_empty_note(
                snapshot, access.project_id, key.place, key.metric_key, self._metrics, self._clock()
            )
        else:
            get_document(snapshot, access.project_id, key.place)
