"""Destination of imported records: new ones are written, existing ones stay unchanged."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.repositories.documents import plain
from qdash_core.repositories.iteration import canonical_json
from qdash_core.repositories.schema import COLLECTIONS, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_core.models.base import Record
    from qdash_core.repositories.store import Document, Store, Transaction


class _NotMeantError(Exception):
    """Raised to undo the transaction of a dry run."""


@contextmanager
def arriving(store: Store, *, dry_run: bool) -> Iterator[Arrival]:
    """Take records in, in one transaction; for a dry run, which is undone in the end."""
    try:
        with store.transaction() as transaction:
            yield Arrival(transaction)
            if dry_run:
                raise _NotMeantError  # noqa: TRY301  the transaction must see it pass
    except _NotMeantError:
        pass


class Arrival:
    """A transaction that takes records in.

    Attributes
    ----------
    imported, already_there : Counter of str
        By collection, what was written and what was found.
    """

    def __init__(self, transaction: Transaction) -> None:
        self.imported: Counter[str] = Counter()
        self.already_there: Counter[str] = Counter()
        self._transaction = transaction

    def place(self, group: Sequence[tuple[str, Record]]) -> str:
        """Write a record with those that belong to it; return the reason of a refusal, or nothing."""
        for name, record in group:
            try:
                refusal = self._place(name, plain(record.document()))
            except (ConflictError, InvalidInputError) as error:
                refusal = str(error)
            if refusal:
                return refusal
        return ""

    def has_project(self, project_id: str) -> bool:
        """Return whether a project exists."""
        return self._transaction.get("project", (project_id,)) is not None

    def _place(self, name: str, document: Document) -> str:
        collection = COLLECTIONS[name]
        if collection.numbered:
            self._append(name, document)
            return ""
        present = self._transaction.get(name, key_of(collection, document))
        if present is None:
            self._transaction.insert(name, document)
            self.imported[name] += 1
            return ""
        wanted = _MERGED.get(name, _the_same)(present, document)
        if wanted is None:
            return f"there is another {name} here under this name, and it stays"
        if wanted is present:
            self.already_there[name] += 1
        else:
            self._transaction.put(name, wanted)
            self.imported[name] += 1
        return ""

    def _append(self, name: str, document: Document) -> None:
        """Add an edit of a note, unless the same edit of the same moment is there."""
        where = {field: document[field] for field in ("project_id", "scope", "target_id", "created_at")}
        unnumbered = canonical_json({**document, "seq": 0})
        if any(
            canonical_json({**one, "seq": 0}) == unnumbered for one in self._transaction.find(name, where)
        ):
            self.already_there[name] += 1
        else:
            self._transaction.append(name, document)
            self.imported[name] += 1


def _the_same(present: Document, arriving: Document) -> Document | None:
    return present if canonical_json(present) == canonical_json(arriving) else None


def _one_user(present: Document, arriving: Document) -> Document | None:
    """Merge an original user with its password into one without a password, as in a new home."""
    password = arriving["hashed_password"]
    if present["hashed_password"] == password:
        return present
    if present["hashed_password"] is not None:
        return None
    taken = ("hashed_password", "full_name", "disabled", "default_project_id")
    return {**present, **{field: arriving[field] for field in taken}}


def _higher_number(present: Document, arriving: Document) -> Document:
    return present if present["index"] >= arriving["index"] else {**present, "index": arriving["index"]}


def _newer_result(present: Document, arriving: Document) -> Document:
    return present if present["end_at"] >= arriving["end_at"] else arriving


_MERGED: dict[str, Callable[[Document, Document], Document | None]] = {
    "user": _one_user,
    "execution_counter": _higher_number,
    "latest_result": _newer_result,
}
"""What is kept of two documents with the same key, where they need not be the same; None: neither gives way."""
