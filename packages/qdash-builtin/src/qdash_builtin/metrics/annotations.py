"""Annotations of a chip for plots over time: cool-downs, notes, and changes by users, each with its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.metrics.annotation_kinds import AnnotationKind
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import MetricNoteRepository, NoteEventRepository
from qdash_builtin.values.change_queries import list_newest_by_hand
from qdash_builtin.values.events import group_events
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import get_target_kind
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.store import Range
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.notes.model import NoteEventModel
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.writer import ValueEvent

MOST_ANNOTATIONS = 1000
"""Maximum number of annotations of a request."""
_MOST_READ = 2000
"""Maximum number of edits of notes, and of changed targets, that are read."""
_MOST_NAMED = 3
_RANGE = "time_range:"


_KINDS = {
    ValueEventKind.ACCEPTED: (AnnotationKind.DECISION, "accepted"),
    ValueEventKind.REJECTED: (AnnotationKind.DECISION, "rejected"),
    ValueEventKind.USED: (AnnotationKind.DECISION, "result chosen"),
    ValueEventKind.TRUSTED: (AnnotationKind.DECISION, "trusted"),
    ValueEventKind.SET: (AnnotationKind.VALUE, "set by hand"),
    ValueEventKind.ANALYSED: (AnnotationKind.VALUE, "user's analysis recorded"),
    ValueEventKind.IMPORTED: (AnnotationKind.VALUE, "imported"),
    ValueEventKind.ADOPTED: (AnnotationKind.VALUE, "simulated values adopted"),
    ValueEventKind.CONVERTED: (AnnotationKind.VALUE, "units converted"),
    ValueEventKind.COMMITTED: (AnnotationKind.VALUE, "value scope committed"),
    ValueEventKind.REVERTED: (AnnotationKind.REVERSION, "earlier values restored"),
    ValueEventKind.UNDONE: (AnnotationKind.REVERSION, "change undone"),
    ValueEventKind.RECONFIGURED: (AnnotationKind.SETTING, "setting changed"),
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened to a chip at a time.

    Parameters
    ----------
    at : datetime
        Its time; of a note on a time range, the start of the range.
    text : str
        What happened, or the text of a note.
    record : tuple of str
        Kind and id of its record: `cooldown`, `note`, `value-change`, `design`, or `target` for a note on a time range.
    until : datetime or None
        End of the time range of a note, or None.
    username : str
        The user, or empty for a cool-down.
    reason : str
        Reason of the user, or description of a cool-down.
    targets, metrics : sequence of str
        Qubits and couplings, and metrics, that it is about; empty for the whole chip, or all metrics.
    """

    kind: AnnotationKind
    at: datetime
    text: str
    record: tuple[str, str]
    until: datetime | None = None
    username: str = ""
    reason: str = ""
    targets: Sequence[str] = ()
    metrics: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ChipAnnotations:
    """Annotations of a chip, oldest first.

    Parameters
    ----------
    complete_since : datetime or None
        Time before which some may be left out because there are too many, or None if all are there.
    """

    chip_id: str
    items: Sequence[Annotation] = field(default=())
    complete_since: datetime | None = None


def list_annotations(
    repositories: Repositories,
    header: ChipModel,
    definitions: MetricsFile,
    *,
    target: str | None = None,
    metric: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ChipAnnotations:
    """Return the annotations of a chip from `since` (inclusive) to `until` (exclusive).

    Parameters
    ----------
    definitions : MetricsFile
        Titles of parameters.
    target : str or None
        Only those of this qubit or coupling and of the whole chip; those of its couplings are not its own. None for all.
    metric : str or None
        Only those of this metric and of all metrics; None for all.
    """
    begin = max(since or header.installed_at, header.installed_at)
    changes, changes_since = _list_changes(repositories, header, definitions, target, begin, until)
    notes, notes_since = _list_notes(repositories, header, begin, until)
    found = [
        one
        for one in (
            *_iter_cooldowns(repositories, header),
            *_iter_range_notes(repositories, header),
            *_iter_design_changes(header, definitions),
            *notes,
        )
        if _overlaps(one, since, until)
    ]
    found += changes
    chosen = [
        one
        for one in found
        if (target is None or not one.targets or target in one.targets)
        and (metric is None or not one.metrics or metric in one.metrics)
    ]
    chosen.sort(key=lambda one: (one.at, one.record))
    newest = chosen[-MOST_ANNOTATIONS:]
    left_out = [one for one in (changes_since, notes_since) if one is not None]
    left_out += [newest[0].at] if len(newest) < len(chosen) else []
    return ChipAnnotations(header.chip_id, newest, max(left_out, default=None))


def _overlaps(one: Annotation, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or (one.until or one.at) >= since) and (until is None or one.at < until)


def _iter_cooldowns(repositories: Repositories, header: ChipModel) -> Iterator[Annotation]:
    for one in repositories.of(CooldownRepository).list_by_chip(header.project_id, header.chip_id):
        record = "cooldown", one.cooldown_id
        description = "; ".join(filter(None, (one.description, one.note.content)))
        yield Annotation(
            AnnotationKind.COOLDOWN,
            one.started_at,
            f"cool-down {one.cooldown_id} begins",
            record,
            reason=description,
        )
        if one.ended_at is not None:
            yield Annotation(
                AnnotationKind.WARM_UP, one.ended_at, f"cool-down {one.cooldown_id} ends", record
            )


def _iter_design_changes(header: ChipModel, definitions: MetricsFile) -> Iterator[Annotation]:
    for number, one in enumerate(header.design_changes):
        names = dict.fromkeys(name for found in one.designs.values() for name in found)
        what = f"{_name_parameters(names, definitions)} of {_name_targets([*one.designs])}"
        yield Annotation(
            AnnotationKind.DESIGN,
            one.at,
            f"design value set: {what}" if names else "many design values set",
            ("design", str(number)),
            username=one.username,
            targets=[*one.designs],
        )


def _iter_range_notes(repositories: Repositories, header: ChipModel) -> Iterator[Annotation]:
    """Yield the notes on metrics for time ranges."""
    for one in repositories.of(MetricNoteRepository).list_overlapping(
        header.project_id, header.chip_id, None, None
    ):
        if one.scope_type != "time_range" or one.scope_started_at is None or not one.note.content:
            continue
        yield Annotation(
            AnnotationKind.NOTE,
            one.scope_started_at,
            one.note.content,
            ("target", one.target_id),
            until=one.scope_ended_at,
            username=one.note.updated_by,
            targets=(one.target_id,),
            metrics=(one.metric_key,),
        )


def _list_notes(
    repositories: Repositories, header: ChipModel, since: datetime, until: datetime | None
) -> tuple[list[Annotation], datetime | None]:
    """Return the newest text of each note that was written in a window, and the time since which all are there."""
    edits = repositories.of(NoteEventRepository).list_by_chip(
        header.project_id, header.chip_id, made=Range(least=since, below=until), limit=_MOST_READ
    )
    newest: dict[tuple[str, ...], NoteEventModel] = {}
    for one in edits:
        place = one.scope, one.target_id, one.metric_key, one.extra.get("scope_key", "")
        newest.setdefault(place, one)
    found = [
        _make_note(one)
        for one in newest.values()
        if one.content and not one.extra.get("scope_key", "").startswith(_RANGE)
    ]
    return found, edits[-1].created_at if len(edits) == _MOST_READ else None


def _make_note(edit: NoteEventModel) -> Annotation:
    target = edit.extra.get("qid", "") if edit.scope is NoteScope.TASK_RESULT else edit.target_id
    is_of_target = edit.scope is not NoteScope.CHIP and bool(target)
    return Annotation(
        AnnotationKind.NOTE,
        edit.created_at,
        edit.content,
        ("note", str(edit.seq)),
        username=edit.actor,
        targets=(target,) if is_of_target else (),
        metrics=(edit.metric_key,) if edit.metric_key else (),
    )


def _list_changes(
    repositories: Repositories,
    header: ChipModel,
    definitions: MetricsFile,
    target: str | None,
    since: datetime,
    until: datetime | None,
) -> tuple[list[Annotation], datetime | None]:
    """Return the changes by users in a window, and the time since which all are there."""
    changes = list_newest_by_hand(
        repositories.of(ValueChangeRepository),
        header.project_id,
        header.chip_id,
        qid=target,
        made=Range(least=since, below=until),
        limit=_MOST_READ,
    )
    found = [_make_change(event, definitions) for event in group_events(changes)]
    return found, changes[-1].created_at if len(changes) == _MOST_READ else None


def _make_change(event: ValueEvent, definitions: MetricsFile) -> Annotation:
    head = event.head
    kind, word = _KINDS[head.kind]
    names = [*dict.fromkeys(name for part in event.parts for name in part.parameters)]
    targets = [one.qid for one in event.parts]
    what = f"{_name_parameters(names, definitions)} of " if names else ""
    return Annotation(
        kind,
        head.created_at,
        f"{word}: {what}{_name_targets(targets)}",
        ("value-change", str(event.number)),
        username=head.username,
        reason=head.reason,
        targets=targets,
        metrics=() if kind is AnnotationKind.SETTING else names,
    )


def _name_parameters(names: Iterable[str], definitions: MetricsFile) -> str:
    known = {name: definitions.find_metric(name) for name in names}
    return summarize_names(
        [name if metric is None else metric.title for name, metric in known.items()], _MOST_NAMED
    )


def _name_targets(targets: Sequence[str]) -> str:
    kinds = {get_target_kind(one) for one in targets}
    kind = f"{kinds.pop()}{'s' if len(targets) > 1 else ''} " if len(kinds) == 1 else ""
    return f"{kind}{summarize_names(targets, _MOST_NAMED)}"
