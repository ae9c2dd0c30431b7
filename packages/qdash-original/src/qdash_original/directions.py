"""Documents of couplings in both directions, merged into one, in the direction with the newest value.

A coupling of QDash has one direction, to which most of its values belong.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from qdash_core.errors import InvalidInputError
from qdash_core.repositories.chips import WITHOUT_DIRECTION
from qdash_original.original_document import Omission
from qdash_original.values import coupling, read_control, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_core.repositories.store import Document

_NEVER = datetime.min.replace(tzinfo=UTC)
_KEY = ("project_id", "chip_id", "recorded_date")
_MERGED = ("data", "metric_notes")


class MergedDocument(NamedTuple):
    """Document of a coupling, or of its daily copy.

    Of two documents, `fields` are those of the one with the newest value, with the newer notes of both; `replaced` are
    the others.
    """

    fields: Document
    n_read: int
    replaced: list[Omission]


def merge_directions(documents: Iterable[Document], collection: str) -> Iterator[MergedDocument]:
    """Yield the documents of couplings, merged if they are of one coupling in its two directions.

    Daily copies are merged if those of a day follow each other, as in the original.
    """
    groups: dict[tuple[Any, ...], list[Document]] = {}
    day: object = None
    for place, document in enumerate(documents):
        if document.get("recorded_date") != day:
            yield from _merge_groups(groups, collection)
            groups, day = {}, document.get("recorded_date")
        qid: object = place  # a document that cannot be read stays alone
        with suppress(InvalidInputError):
            qid = coupling(document.get("qid"))
        groups.setdefault((*(document.get(field) for field in _KEY), qid), []).append(document)
    yield from _merge_groups(groups, collection)


def _merge_groups(
    groups: Mapping[tuple[Any, ...], list[Document]], collection: str
) -> Iterator[MergedDocument]:
    for group in groups.values():
        yield MergedDocument(group[0], 1, []) if len(group) == 1 else _merge(group, collection)


def _merge(group: list[Document], collection: str) -> MergedDocument:
    """Merge documents; at equal times the later document counts as newer."""
    *older, newest = sorted(group, key=lambda one: (bool(one.get("data")), _find_newest_time(one)))
    fields, replaced = dict(newest), list[Omission]()
    for other in map(dict, reversed(older)):
        if read_control(other["qid"]) != read_control(newest["qid"]):
            other["data"] = _drop_directed_values(other, collection, newest, replaced)
        for name in _MERGED:
            fields[name] = _merge_mapping(fields, other, name, collection, replaced)
        if _has_note(other):
            if _has_note(fields):
                replaced.append(_replace(other, collection, "note", fields))
            else:
                fields["note"] = other["note"]
    return MergedDocument(fields, len(group), replaced)


def _drop_directed_values(
    other: Document, collection: str, newest: Document, dropped: list[Omission]
) -> dict[str, Any]:
    """Return the values that do not depend on the direction, and record the others."""
    values = _get_mapping(other, "data")
    why = f"it is of {other['qid']}; the newest value is of {newest['qid']}, and a coupling has one direction"
    place = collection, str(other.get("_id", ""))
    dropped += [Omission(*place, f"data.{name}", why) for name in values if name not in WITHOUT_DIRECTION]
    return {name: value for name, value in values.items() if name in WITHOUT_DIRECTION}


def _merge_mapping(
    fields: Document, other: Document, name: str, collection: str, replaced: list[Omission]
) -> dict[str, Any]:
    """Return the newer entry of each name, and record the replaced ones."""
    merged = dict(_get_mapping(fields, name))
    for key, part in _get_mapping(other, name).items():
        if key in merged and _find_time(merged[key], fields) < _find_time(part, other):
            replaced.append(_replace(fields, collection, f"{name}.{key}", other))
            merged[key] = part
        elif key in merged:
            replaced.append(_replace(other, collection, f"{name}.{key}", fields))
        else:
            merged[key] = part
    return merged


def _get_mapping(document: Document, name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _replace(old: Document, collection: str, field: str, new: Document) -> Omission:
    why = f"the one of {new.get('qid')} is newer, and a coupling has one for both directions"
    return Omission(collection, str(old.get("_id", "")), field, why)


def _has_note(document: Document) -> bool:
    note = document.get("note")
    return isinstance(note, dict) and bool(note.get("content"))


def _find_newest_time(document: Document) -> datetime:
    data = document.get("data")
    parts = data.values() if isinstance(data, dict) else ()
    return max((_find_time(part, document) for part in parts), default=_find_time(None, document))


def _find_time(part: object, document: Document) -> datetime:
    """Return the time of a value or note, else that of its document."""
    info = document.get("system_info")
    given = [part.get(name) for name in ("calibrated_at", "updated_at")] if isinstance(part, dict) else []
    given += [info.get(name) for name in ("updated_at", "created_at")] if isinstance(info, dict) else []
    for one in given:
        with suppress(InvalidInputError):
            if one and (moment := timestamp(one)):
                return moment
    return _NEVER
