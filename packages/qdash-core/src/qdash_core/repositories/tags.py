"""Repository of tags, and of the tags in other records."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qdash_core.models.base import make_later_time
from qdash_core.models.execution import EXECUTION_ENDS, ExecutionStatus
from qdash_core.models.project import TagModel, TagUse
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import Has, OneOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.repositories.store import Document

_RECORDS = ("task_result_history", "execution_history")
"""Collections whose records have indexed tags."""
_DECLARED = ("flows", "timetable")
"""Collections with few records, which are read to find their tags."""
_UNENDED = tuple(status for status in ExecutionStatus if status not in EXECUTION_ENDS)


class TagRepository(Repository[TagModel]):
    """Tags of a project by name."""

    collection = "tag"
    model = TagModel

    def ensure(self, project_id: str, names: Iterable[str], *, username: str) -> None:
        """Add the missing tags, with this user as their author."""
        with self._open_transaction() as transaction:
            for name in names:
                if transaction.get(self.collection, (project_id, name)) is None:
                    tag = TagModel(project_id=project_id, username=username, name=name)
                    transaction.insert(self.collection, tag.to_document())

    def list_by_project(self, project_id: str) -> list[TagModel]:
        """Return the tags of a project, by name."""
        return self._find({"project_id": project_id})

    def remove(self, project_id: str, name: str) -> bool:
        """Remove a tag; return whether there was one."""
        with self._open_transaction() as transaction:
            return transaction.delete(self.collection, {"project_id": project_id, "name": name}) > 0

    def count_use(self, project_id: str, names: Sequence[str]) -> dict[str, TagUse]:
        """Return the numbers of the objects with each tag."""
        with self._open_snapshot() as snapshot:
            declared = {
                collection: [_get_tags(one) for one in snapshot.find(collection, {"project_id": project_id})]
                for collection in _DECLARED
            }

            def count(collection: str, name: str) -> int:
                return snapshot.count(collection, {"project_id": project_id, "tags": Has(name)})

            return {
                name: TagUse(
                    n_executions=count("execution_history", name),
                    n_results=count("task_result_history", name),
                    n_flows=sum(name in tags for tags in declared["flows"]),
                    n_timetables=sum(name in tags for tags in declared["timetable"]),
                )
                for name in names
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
        """Replace a tag in some of the results and executions that have it, and return their number by collection.

        Parameters
        ----------
        project_id, name : str
            The tag.
        to : str or None
            Its new name, or None to remove it.
        now : datetime
            The present time.
        at_most : int
            Maximum number of records.
        """
        done = Counter[str]()
        with self._open_transaction() as transaction:
            for collection in _RECORDS:
                where = {"project_id": project_id, "tags": Has(name)}
                for document in transaction.find(collection, where, limit=at_most - done.total()):
                    new = {"tags": _replace(document["tags"], name, to)}
                    transaction.put(collection, {**document, **new, **_touch(document, now)})
                    done[collection] += 1
        return done

    def replace_in_declarations(
        self, project_id: str, name: str, to: str | None, *, now: datetime
    ) -> Counter[str]:
        """Replace a tag in the flows and timetables that have it, and return their number by collection.

        Versions of flows stay.
        """
        done = Counter[str]()
        with self._open_transaction() as transaction:
            for collection in _DECLARED:
                for document in transaction.find(collection, {"project_id": project_id}):
                    if name in (tags := _get_tags(document)):
                        new = _set_tags(document, _replace(tags, name, to))
                        transaction.put(collection, {**new, **_touch(document, now)})
                        done[collection] += 1
        return done


def _set_tags(document: Document, tags: list[str]) -> Document:
    """Return a flow, or a timetable with the request of its run, with these tags."""
    if "tags" in document:
        return {**document, "tags": tags}
    return {**document, "request": {**document["request"], "tags": tags}}


def _get_tags(document: Document) -> list[str]:
    """Return the tags of a flow, or of the run of a timetable."""
    holder: dict[str, Any] = (document.get("request") or {}) if "tags" not in document else document
    return holder.get("tags") or []


def _replace(tags: Sequence[str], name: str, to: str | None) -> list[str]:
    replaced = (to if tag == name else tag for tag in tags)
    return list(dict.fromkeys(tag for tag in replaced if tag is not None))


def _touch(document: Document, now: datetime) -> dict[str, datetime]:
    """Return the time of the change, which is the version of the record."""
    return {"updated_at": make_later_time(datetime.fromisoformat(document["updated_at"]), now)}
