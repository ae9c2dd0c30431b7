"""Repository of the tags in records."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.tags.tag_use import TagUse
from qdash_core.models.base import make_later_time
from qdash_core.models.execution import EXECUTION_ENDS, ExecutionStatus
from qdash_core.repositories.queries import get_value
from qdash_core.repositories.store import Has, OneOf
from qdash_core.repositories.used_names import TagRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.repositories.store import Document

_UNENDED = tuple(status for status in ExecutionStatus if status not in EXECUTION_ENDS)


class TaggedRecordRepository(TagRepository):
    """Tags of a project by name, with the records that have them."""

    def remove(self, project_id: str, name: str) -> bool:
        """Remove a tag; return whether there was one."""
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, {"project_id": project_id, "name": name}) > 0

    def count_use(self, project_id: str, names: Sequence[str]) -> dict[str, TagUse]:
        """Return the numbers of the objects with each tag."""
        with self._open_snapshot() as snapshot:
            tagged = [one for one in snapshot.collections.values() if one.tags]
            where = {"project_id": project_id}
            declared = {
                one.name: [_get_tags(document, one.tags) for document in snapshot.find(one.name, where)]
                for one in tagged
                if one.tags not in one.lists
            }

            def count(collection: str, name: str) -> int:
                if collection in declared:
                    return sum(name in tags for tags in declared[collection])
                return snapshot.count(collection, {**where, "tags": Has(name)})

            uses = {name: {one.name: count(one.name, name) for one in tagged} for name in names}
        return {
            name: TagUse(
                n_executions=use["execution_history"],
                n_results=use["task_result_history"],
                n_flows=use.get("flows", 0),
                n_timetables=use.get("timetable", 0),
            )
            for name, use in uses.items()
        }

    def list_unended(self, project_id: str, name: str, *, limit: int) -> list[str]:
        """Return the ids of executions with a tag that have not ended, which write their tags again."""
        where = {"project_id": project_id, "tags": Has(name), "status": OneOf(_UNENDED)}
        with self._open_snapshot() as snapshot:
            found = snapshot.find("execution_history", where, limit=limit)
        return [document["execution_id"] for document in found]

    def replace_in_records(
        self, project_id: str, name: str, to: str | None, *, now: datetime, at_most: int
    ) -> Counter[str]:
        """Replace a tag in at most `at_most` of the results and executions that have it.

        Return their number by collection. `to` is the new name of the tag, or None to remove it.
        """
        done = Counter[str]()
        with self._open_transaction() as transaction:
            for collection in transaction.collections.values():
                if not collection.tags or collection.tags not in collection.lists:
                    continue
                where = {"project_id": project_id, collection.tags: Has(name)}
                for document in transaction.find(collection.name, where, limit=at_most - done.total()):
                    new = _set_tags(document, collection.tags, _replace(document[collection.tags], name, to))
                    transaction.put(collection.name, {**new, **_touch(document, now)})
                    done[collection.name] += 1
        return done

    def replace_in_declarations(
        self, project_id: str, name: str, to: str | None, *, now: datetime
    ) -> Counter[str]:
        """Replace a tag in the records whose tags no index has, such as flows and timetables, and return their number by collection.

        Versions of flows stay.
        """
        done = Counter[str]()
        with self._open_transaction() as transaction:
            for collection in transaction.collections.values():
                if not collection.tags or collection.tags in collection.lists:
                    continue
                for document in transaction.find(collection.name, {"project_id": project_id}):
                    if name in (tags := _get_tags(document, collection.tags)):
                        new = _set_tags(document, collection.tags, _replace(tags, name, to))
                        transaction.put(collection.name, {**new, **_touch(document, now)})
                        done[collection.name] += 1
        return done


def _set_tags(document: Document, field: str, tags: list[str]) -> Document:
    """Return a document with these tags, such as a timetable with those of its run in `request.tags`."""
    outer, _, inner = field.partition(".")
    return {**document, outer: {**document[outer], inner: tags} if inner else tags}


def _get_tags(document: Document, field: str) -> list[str]:
    return get_value(document, field) or []


def _replace(tags: Sequence[str], name: str, to: str | None) -> list[str]:
    replaced = (to if tag == name else tag for tag in tags)
    return list(dict.fromkeys(tag for tag in replaced if tag is not None))


def _touch(document: Document, now: datetime) -> dict[str, datetime]:
    """Return the time of the change, which is the version of the record."""
    return {"updated_at": make_later_time(datetime.fromisoformat(document["updated_at"]), now)}
