"""Service for notes on metrics, one for each metric and scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import GLOBAL_SCOPE, MetricNoteModel, NoteScope
from qdash_builtin.notes.note_places import NotePlace, get_document
from qdash_builtin.notes.repository import MetricNoteRepository, NoteEventRepository
from qdash_builtin.notes.scopes import list_notes, list_visible, resolve
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_builtin.notes.model import MetricScope, NoteEventModel
    from qdash_builtin.notes.scopes import OpenRange
    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.store import Snapshot, Store


class MetricNoteService:
    """Notes on the metrics of one store. Every edit is logged in its own transaction.

    `metrics` returns the metrics of qubits or of couplings that the metrics file names.
    """

    def __init__(
        self,
        store: Store,
        *,
        metrics: Callable[[TargetKind], Collection[str]] = lambda _: (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def show(
        self,
        access: Access,
        chip_id: str,
        target_type: TargetKind,
        target_id: str,
        metric_key: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> MetricNoteModel:
        """Return the note that applies to a metric in one scope; if there is none, an empty note of this scope."""
        with self._store.read() as snapshot:
            place = NotePlace(NoteScope(target_type), target_id, chip_id)
            empty = make_empty_note(
                snapshot, access.project_id, place, metric_key, self._metrics, self._clock()
            )
            repositories = Repositories(snapshot)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            return self._get_visible(repositories, empty, scope)

    def list_by_chip(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: OpenRange | None = None,
    ) -> list[MetricNoteModel]:
        """Return the notes on the metrics of a chip that apply now, in a cool-down or in a time range.

        A note on a range of time within a cool-down shows in this cool-down until it is edited there; a note without a
        scope shows wherever there is no other. For a time range, every note that is valid at some time in it is returned.
        Cleared notes are left out.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return list_notes(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )

    def page(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        time_range: OpenRange | None = None,
    ) -> Page[MetricNoteModel]:
        """Return a page of `list_by_chip`."""
        found = self.list_by_chip(access, chip_id, cooldown_id=cooldown_id, time_range=time_range)
        return Page.from_all_items(found, request, lambda note: (*note.subject, note.scope_key))

    def edit(
        self,
        access: Access,
        chip_id: str,
        target_type: TargetKind,
        target_id: str,
        metric_key: str,
        content: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
        as_of: datetime | None = None,
    ) -> MetricNoteModel:
        """Write the note on a metric in one scope, replacing an earlier one; empty text clears it there.

        The scope is that of `notes.scopes.resolve`. `as_of` is `changed_at` of the note that the user has seen in it,
        or None to skip the check.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or cool-down, or the metric is unknown.
        InvalidInputError
            If the note is too long.
        StaleError
            If the visible note has changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            place = NotePlace(NoteScope(target_type), target_id, chip_id)
            empty = make_empty_note(
                transaction, access.project_id, place, metric_key, self._metrics, self._clock()
            )
            repositories = Repositories(transaction)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            shown = self._get_visible(repositories, empty, scope)
            refuse_stale(f"the note on {metric_key} of {target_id}", shown.note.changed_at, as_of)
            note = Note.create(
                content, username=access.username, before=shown.note.changed_at, now=self._clock()
            )
            return write_on_metric(repositories, empty.model_copy(update=dict(scope)), note)

    def _get_visible(
        self, repositories: Repositories, empty: MetricNoteModel, scope: MetricScope
    ) -> MetricNoteModel:
        """Return the note that applies to a metric in a scope; if there is none, an empty note of this scope."""
        shown = list_visible(repositories, empty.project_id, empty.chip_id, scope)
        found = next((note for note in shown if note.subject == empty.subject), None)
        return found or empty.model_copy(update=dict(scope))


def make_empty_note(
    snapshot: Snapshot,
    project_id: str,
    place: NotePlace,
    metric_key: str,
    metrics: Callable[[TargetKind], Collection[str]],
    now: datetime,
) -> MetricNoteModel:
    """Return an empty note on a metric of a target; `metrics` returns those that the metrics file names.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such target or metric.
    """
    if not metric_key:
        raise InvalidInputError("a note on a metric needs its name")
    get_document(snapshot, project_id, place)
    target_type: TargetKind = "coupling" if place.scope is NoteScope.COUPLING else "qubit"
    empty = MetricNoteModel(
        project_id=project_id,
        chip_id=place.chip_id,
        target_type=target_type,
        target_id=place.id,
        metric_key=metric_key,
        created_at=now,
        updated_at=now,
    )
    require_metric(Repositories(snapshot), empty, metrics(target_type))
    return empty


def write_on_metric(repositories: Repositories, former: MetricNoteModel, note: Note) -> MetricNoteModel:
    """Write a note on a metric in a scope, replacing an earlier one, and log it in the same transaction.

    Parameters
    ----------
    former : MetricNoteModel
        What is written over: metric and scope; the rest where nothing is on record yet.
    note : Note
        An empty one is written only where there is a note to clear: one of this scope, or one that shows in it from
        elsewhere.
    """
    known = repositories.of(MetricNoteRepository).find(
        former.project_id, former.chip_id, *former.subject, former.scope_key
    )
    made = former.model_copy(
        update={
            "note": note,
            "created_at": former.created_at if known is None else known.created_at,
            "updated_at": note.updated_at,
        }
    )
    if not note.content and not _is_visible(repositories, made):
        return made.model_copy(update={"note": Note()})
    repositories.of(MetricNoteRepository).put(made)
    repositories.of(NoteEventRepository).append(
        note,
        made.project_id,
        NoteScope(f"{made.target_type}_metric"),
        made.target_id,
        chip_id=made.chip_id,
        metric_key=made.metric_key,
        extra={"scope_key": made.scope_key},
    )
    return made


def get_edited_note(repositories: Repositories, event: NoteEventModel) -> MetricNoteModel:
    """Return the present state of an edited metric note; NotFoundError if it was deleted with its chip."""
    key = (
        event.project_id,
        event.chip_id,
        event.scope.removesuffix("_metric"),
        event.target_id,
        event.metric_key,
    )
    found = repositories.of(MetricNoteRepository).find(*key, event.extra.get("scope_key", GLOBAL_SCOPE))
    if found is None:
        raise NotFoundError(
            f"the note on {event.metric_key} of {event.target_id} went with chip {event.chip_id!r} of project {event.project_id}"
        )
    return found


def require_metric(repositories: Repositories, about: MetricNoteModel, in_file: Collection[str]) -> None:
    """Check that a metric is known; `in_file` has the metrics of such targets in the metrics file.

    Raises
    ------
    NotFoundError
        If it is neither in the metrics file, nor a value of such a target of the chip, nor measured by a task, nor in a note on
        this target. The message names similar metrics.
    """
    if about.metric_key in in_file or repositories.of(MetricNoteRepository).list_by_metric(about):
        return
    known = {*in_file, *_find_recorded_metrics(repositories, about)}
    if about.metric_key not in known:
        there = f"; `qdash metrics {about.chip_id} --summary` has those of the chip"
        hint = suggest(about.metric_key, known, n=3, cutoff=0.5, otherwise=there)
        raise NotFoundError(
            f"there is no metric {about.metric_key!r} of a {about.target_type}, neither in the metrics file nor among "
            f"the values of chip {about.chip_id}{hint}"
        )


def _is_visible(repositories: Repositories, made: MetricNoteModel) -> bool:
    shown = list_visible(repositories, made.project_id, made.chip_id, made)
    return any(note.subject == made.subject and note.note.content for note in shown)


def _find_recorded_metrics(repositories: Repositories, about: MetricNoteModel) -> set[str]:
    """Return the metrics of a chip's targets of this type that have a value, or that a recorded task produces."""
    targets = (
        repositories.of(QubitCalibrationRepository)
        if about.target_type == "qubit"
        else repositories.of(CouplingCalibrationRepository)
    )
    values = {name for one in targets.list_values(about.project_id, about.chip_id) for name in one["data"]}
    made = {
        name
        for task in repositories.of(TaskRepository).list_by_project(about.project_id)
        if (task.task_type == "coupling") is (about.target_type == "coupling")
        for name in task.output_parameters
    }
    return values | made
