"""References to results and executions: from values, releases, notes, issues, tags and decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.models.value_change import ScopeStatus, ValueEventKind
from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Document, Snapshot

_ID = re.compile(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}-\d{3,})\b")
"""Id of a result or an execution in a text."""
_LONGEST_ID = 64
_PAGE = 500


@dataclass(frozen=True, slots=True)
class References:
    """Ids that the records of a project name.

    Parameters
    ----------
    results : frozenset of str
        Every named id; those of results are among them.
    executions : frozenset of str
        Ids that users' records and waiting runs name; those of executions are among them.
    """

    results: frozenset[str]
    executions: frozenset[str]

    def __or__(self, other: References) -> References:
        """Return the ids that either names."""
        return References(self.results | other.results, self.executions | other.executions)


def find_references(snapshot: Snapshot, project_id: str) -> References:
    """Return the ids that the values, releases, notes, issues, decisions and open value scopes of a project name."""
    of_project = {"project_id": project_id}
    collections = snapshot.collections
    by_users, results = set[str](), set[str]()
    for name, collection in collections.items():
        if collection.references:
            found = by_users if collection.references == "use" else results
            found.update(_list_names(snapshot, name, of_project))
    for scope in _iter_documents(snapshot, "value_scope", of_project):
        if scope["status"] == ScopeStatus.OPEN:
            by_users.update(scope["executions"])
    by_hand = OneOf(tuple(kind for kind in ValueEventKind if kind.by_hand))
    results.update(by_users, _list_names(snapshot, "value_change", {**of_project, "kind": by_hand}))
    return References(frozenset(results), frozenset(by_users))


def find_new_references(snapshot: Snapshot, results: Sequence[TaskResultModel]) -> References:
    """Return the ids that the values of the targets of results of one execution, and the records of users about them, name now.

    They are few, and found by key or by an index, so that the transaction that removes results can read them again.
    """
    if not results:
        return References(frozenset(), frozenset())
    first = results[0]
    names: set[str] = set()
    for qid in {one.qid for one in results}:
        for collection in ("qubit", "coupling"):
            target = snapshot.get(collection, (first.project_id, first.chip_id, qid))
            names.update(_iter_names(target or {}))
    about = {"execution_id": first.execution_id, "task_id": OneOf(tuple(one.task_id for one in results))}
    by_users = {
        name
        for field, value in about.items()
        for collection in _list_used_by(snapshot, field)
        for document in snapshot.find(collection, {"project_id": first.project_id, field: value})
        for name in _iter_names(document)
    }
    return References(frozenset(names | by_users), frozenset(by_users))


def is_execution_used(snapshot: Snapshot, project_id: str, execution_id: str) -> bool:
    """Return whether a record of a user or a waiting run is about an execution."""
    where = {"project_id": project_id, "execution_id": execution_id}
    return any(snapshot.count(name, where) for name in _list_used_by(snapshot, "execution_id"))


def _list_used_by(snapshot: Snapshot, field: str) -> list[str]:
    """Return the collections whose documents keep what they name, and can be found by a field."""
    return [
        name
        for name, one in snapshot.collections.items()
        if one.references == "use" and {"project_id", field} <= {*one.fields}
    ]


def _list_names(snapshot: Snapshot, collection: str, where: Mapping[str, Any]) -> Iterator[str]:
    for document in _iter_documents(snapshot, collection, where):
        yield from _iter_names(document)


def _iter_documents(snapshot: Snapshot, collection: str, where: Mapping[str, Any]) -> Iterator[Document]:
    after = None
    while True:
        page = snapshot.find(collection, where, limit=_PAGE, after=after)
        yield from page
        if len(page) < _PAGE:
            return
        after = extract_key(snapshot.get_collection(collection), page[-1])


def _iter_names(value: object) -> Iterator[str]:
    """Yield each text of a value that may be an id, and the ids within longer texts."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _iter_names(one)
    elif isinstance(value, list):
        for one in value:
            yield from _iter_names(one)
    elif isinstance(value, str) and value:
        if len(value) <= _LONGEST_ID:
            yield value
        yield from _ID.findall(value)
