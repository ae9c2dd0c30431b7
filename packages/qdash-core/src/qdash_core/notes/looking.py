"""Notes as they are looked at: where they are, and all of a chip together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.note import MetricNoteModel, NoteScope
from qdash_core.models.pages import Page
from qdash_core.notes.log import NoteLog
from qdash_core.notes.metric_names import require_metric
from qdash_core.notes.on_chips import notes_on_chip
from qdash_core.notes.places import NotePlace, PlacedNote, document_at
from qdash_core.notes.scopes import resolve, visible
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.note import MetricScope, TargetType
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Snapshot, Store


class NoteLooking(NoteLog):
    """Notes of one store, to look at, with the log of their edits; `NoteService` writes them.

    Parameters
    ----------
    store : Store
        Where they are kept.
    metrics : callable
        Returns the metrics of qubits or of couplings that the metrics file names.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        metrics: Callable[[TargetType], Collection[str]] = lambda _: (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(store)
        self._metrics = metrics
        self._clock = clock

    def show(self, access: Access, place: NotePlace) -> PlacedNote:
        """Return the note at a place, which may be an empty one; raises as `edit`."""
        with self._store.read() as snapshot:
            return PlacedNote.of(place, document_at(snapshot, access.project_id, place))

    def show_metric(
        self,
        access: Access,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> MetricNoteModel:
        """Return the note that shows on a metric in one scope; where none does, an empty one of this scope."""
        with self._store.read() as snapshot:
            empty = self._empty(snapshot, access.project_id, chip_id, target_type, target_id, metric_key)
            repositories = Repositories(snapshot)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            return self._shown(repositories, empty, scope)

    def metric_notes(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> list[MetricNoteModel]:
        """Return the note that shows on each metric of a chip in one scope, by target and metric; cleared ones left out.

        A note on a range of time within a cool-down shows in this cool-down until it is edited there; a note without a
        scope shows wherever there is no other.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            return [
                note for note in visible(repositories, access.project_id, chip_id, scope) if note.note.content
            ]

    def metric_notes_page(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> Page[MetricNoteModel]:
        """Return a page of `metric_notes`."""
        found = self.metric_notes(access, chip_id, cooldown_id=cooldown_id, time_range=time_range)
        return Page.of_all(found, request, lambda note: note.about)

    def noted_results_page(self, access: Access, chip_id: str, request: PageRequest) -> Page[TaskResultModel]:
        """Return a page of the results of a chip that carry a note, noted last first; it may hold fewer than asked for."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return repositories.results.noted_page(access.project_id, chip_id, request)

    def noted_results(
        self, access: Access, chip_id: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of a chip that carry a note, noted last first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return repositories.results.noted(access.project_id, chip_id, limit=limit)

    def on_chip(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
        since: datetime | None = None,
    ) -> list[PlacedNote | MetricNoteModel]:
        """Return every note of a chip: its own, those of its qubits, couplings and metrics, and those of results.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id : str
            The chip.
        cooldown_id, time_range
            Of metrics those that show then, as in `metric_notes`; of results those of then. Others hold always.
        since : datetime or None
            Only what was written at this time or later.
        """
        with self._store.read() as snapshot:
            found = notes_on_chip(
                Repositories(snapshot),
                access.project_id,
                chip_id,
                cooldown_id=cooldown_id,
                time_range=time_range,
            )
        return [one for one in found if since is None or (one.note.updated_at or since) >= since]

    def on_chip_page(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> Page[PlacedNote | MetricNoteModel]:
        """Return a page of `on_chip`, by kind and id of what is noted."""
        found = self.on_chip(access, chip_id, cooldown_id=cooldown_id, time_range=time_range)
        return Page.of_all(found, request, _place)

    def _shown(
        self, repositories: Repositories, empty: MetricNoteModel, scope: MetricScope
    ) -> MetricNoteModel:
        """Return the note that shows on a metric in a scope; where none does, an empty one of this scope."""
        shown = visible(repositories, empty.project_id, empty.chip_id, scope)
        found = next((note for note in shown if note.about == empty.about), None)
        return found or empty.model_copy(update=dict(scope))

    def _empty(
        self,
        snapshot: Snapshot,
        project_id: str,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
    ) -> MetricNoteModel:
        """Return an empty note on a metric that is known of a target that exists."""
        if not metric_key:
            raise InvalidInputError("a note on a metric needs its name")
        place = NotePlace(NoteScope(target_type), target_id, chip_id)
        document_at(snapshot, project_id, place)
        now = self._clock()
        empty = MetricNoteModel(
            project_id=project_id,
            chip_id=chip_id,
            target_type=target_type,
            target_id=place.id,
            metric_key=metric_key,
            created_at=now,
            updated_at=now,
        )
        require_metric(Repositories(snapshot), empty, self._metrics(target_type))
        return empty


def _place(note: PlacedNote | MetricNoteModel) -> tuple[str, str, str]:
    """Return where a note is: no two notes of a chip that show at once are at the same place."""
    if isinstance(note, PlacedNote):
        return str(note.place.scope), note.place.target_id, ""
    return f"{note.target_type}_metric", note.target_id, note.metric_key
