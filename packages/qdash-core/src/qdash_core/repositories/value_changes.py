"""Repositories of the changes of values and of value scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import NotFoundError
from qdash_core.models.value_change import ValueChangeModel, ValueEventMark, ValueScopeModel
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.base import Repository
from qdash_core.repositories.documents import TypedDocument
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from qdash_core.models.chip import TargetStatus


_AT_ONCE = 500
"""Number of documents of changes in memory at a time."""


class ValueChangeRepository(Repository[ValueChangeModel]):
    """Changes of the values of chips, one document for each event and target."""

    collection = "value_change"
    model = ValueChangeModel

    def find_last(self, project_id: str) -> ValueEventMark | None:
        """Return the mark of the last event of a project, or None. Transactions are serialised, so none is added meanwhile."""
        found = self.select_as(
            ValueEventMark, {"project_id": project_id}, order=("-number", "-qid"), limit=1
        )  # in the order of the key, so that no store needs to sort
        return found[0] if found else None

    def add(self, parts: Sequence[ValueChangeModel]) -> None:
        """Add the parts of an event. Its number is new, so that no store needs to look for other parts with their keys."""
        with self._open_transaction() as transaction:
            for part in parts:
                transaction.put(self.collection, TypedDocument(part.to_document()))
            ProvenanceRepository(transaction).add_changes(parts)

    def find_part(self, project_id: str, number: int, qid: str) -> ValueChangeModel | None:
        """Return the part of an event that concerns a target, or None."""
        return self._get((project_id, number, qid))

    def iter_since(self, project_id: str, chip_id: str, moment: datetime) -> Iterator[dict[str, Any]]:
        """Yield the documents of the changes of a chip after a time, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "created_at": Range(above=moment)}
        return self._iter_documents(where, ("created_at", "number"))

    def iter_after(self, project_id: str, chip_id: str, number: int) -> Iterator[dict[str, Any]]:
        """Yield the documents of the changes of a chip by events after the one with a number, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "number": Range(above=number)}
        return self._iter_documents(where, ("number",))

    def _iter_documents(self, where: dict[str, Any], order: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield documents with few in memory at a time: each has all changed values, before and after."""
        after = None
        while True:
            with self._open_snapshot() as snapshot:
                found = snapshot.find(self.collection, where, order=order, limit=_AT_ONCE, after=after)
            yield from found
            if len(found) < _AT_ONCE:
                return
            after = [found[-1][name] for name in (*order, "project_id", "number", "qid")]


class ValueScopeRepository(Repository[ValueScopeModel]):
    """Value scopes by chip and name."""

    collection = "value_scope"
    model = ValueScopeModel

    def find(self, project_id: str, chip_id: str, name: str) -> ValueScopeModel | None:
        """Return a scope, or None."""
        return self._get((project_id, chip_id, name))

    def require(self, project_id: str, chip_id: str, name: str) -> ValueScopeModel:
        """Return a scope; NotFoundError with the known scopes if there is none."""
        found = self.find(project_id, chip_id, name)
        if found is None:
            known = [one.name for one in self.list_by_chip(project_id, chip_id)]
            raise NotFoundError(
                f"chip {chip_id} has no value scope {name!r}{suggest(name, known)} (known: {', '.join(known) or 'none yet'})"
            )
        return found

    def list_by_chip(self, project_id: str, chip_id: str) -> list[ValueScopeModel]:
        """Return the scopes of a chip, newest first."""
        found = self.select({"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    def set_status(self, project_id: str, chip_id: str, name: str, target: str, status: TargetStatus) -> None:
        """Set the status that a qubit or coupling has in a scope."""
        with self._open_transaction():
            found, now = self.require(project_id, chip_id, name), utc_now()
            statuses = {**found.statuses, target: status}
            times = {**found.status_times, target: now}
            self.put(found.with_changes(statuses=statuses, status_times=times, now=now))

    def put(self, scope: ValueScopeModel) -> None:
        """Add or update a scope."""
        self._put(scope)
