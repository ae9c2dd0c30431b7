"""Repositories of the changes of values and of value scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import NotFoundError
from qdash_core.models.value_change import ValueChangeModel, ValueScopeModel
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.base import Repository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.chip import TargetStatus

CHANGES_AT_ONCE = 1000


MOST_NAMED = 1000
"""Largest number of targets that a query names; for more it reads all and selects."""


class ValueChangeRepository(Repository[ValueChangeModel]):
    """Changes of the values of chips, one document for each event and target."""

    collection = "value_change"
    model = ValueChangeModel

    def find_last(self, project_id: str) -> ValueChangeModel | None:
        """Return a part of the last event of a project, or None. Transactions are serialised, so none is added meanwhile."""
        found = self.select({"project_id": project_id}, order=("-number",), limit=1)
        return found[0] if found else None

    def add(self, change: ValueChangeModel) -> None:
        """Add a part of an event. Its number is new, so that no store needs to look for another part with its key."""
        with self._open_transaction() as transaction:
            transaction.put(self.collection, change.to_document())
            ProvenanceRepository(transaction).add_change(change)

    def iter_pages(
        self, where: Mapping[str, Any], *, size: int = CHANGES_AT_ONCE
    ) -> Iterator[ValueChangeModel]:
        """Yield the matching changes, newest first, a number of them read at a time."""
        after = None
        while True:
            page = self.select(where, order=("-number",), limit=size, after=after)
            yield from page
            if len(page) < size:
                return
            after = (page[-1].number, page[-1].project_id, page[-1].number, page[-1].qid)

    def find_first(self, project_id: str, chip_id: str, *, since: datetime) -> ValueChangeModel | None:
        """Return a part of the first event of a chip from a time on, or None."""
        where = {"project_id": project_id, "chip_id": chip_id, "created_at": Range(least=since)}
        found = self.select(where, order=("created_at", "number"), limit=1)
        return found[0] if found else None

    def find_part(self, project_id: str, number: int, qid: str) -> ValueChangeModel | None:
        """Return the part of an event that concerns a target, or None."""
        return self._get((project_id, number, qid))

    def find_head(self, project_id: str, number: int) -> ValueChangeModel | None:
        """Return one part of an event, or None if there is no such event."""
        found = self.select({"project_id": project_id, "number": number}, limit=1)
        return found[0] if found else None

    def list_since(self, project_id: str, chip_id: str, moment: datetime) -> list[dict[str, Any]]:
        """Return the documents of the changes of a chip after a time, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "created_at": Range(above=moment)}
        with self._open_snapshot() as snapshot:
            return snapshot.find(self.collection, where, order=("created_at", "number"))

    def iter_newest(
        self,
        project_id: str,
        chip_id: str,
        *,
        targets: Sequence[str] | None = None,
        before: int | None = None,
        since: datetime | None = None,
    ) -> Iterator[ValueChangeModel]:
        """Yield the changes of a chip, newest first, with all parts of an event together.

        Parameters
        ----------
        targets : sequence of str or None
            Only changes of these qubits and couplings.
        before : int or None
            Only events with a lower number.
        since : datetime or None
            Only events from this time on.
        """
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "number": Range(below=before)}
        if targets is not None and len(targets) <= MOST_NAMED:
            where["qid"] = OneOf(tuple(targets))
        for change in self.iter_pages(where):
            if since is not None and change.created_at < since:
                return
            if targets is None or change.qid in targets:
                yield change


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
