"""Transactions that write imported records: new ones are added, existing ones stay unchanged."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_builtin.home.repositories.iteration import encode_canonically
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.earlier_provenance import LINKED_COLLECTIONS, iter_edges
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_core.models.base import Record
    from qdash_core.repositories.store import Document, Store, Transaction


class _DryRunError(Exception):
    """Exception that rolls back the transaction of a dry run."""


@contextmanager
def open_import(store: Store, *, dry_run: bool) -> Iterator[ImportTransaction]:
    """Open a transaction for imported records, which is rolled back at the end of a dry run."""
    try:
        with store.transaction() as transaction:
            yield ImportTransaction(transaction)
            if dry_run:
                raise _DryRunError  # noqa: TRY301  has to pass through the transaction
    except _DryRunError:
        pass


class ImportTransaction:
    """Transaction that writes imported records and counts them by collection; `new_users` have no password."""

    def __init__(self, transaction: Transaction) -> None:
        self.imported: Counter[str] = Counter()
        self.already_there: Counter[str] = Counter()
        self.new_users: list[str] = []
        self._transaction = transaction

    def write_group(self, group: Sequence[tuple[str, Record]]) -> str:
        """Write a record with its dependent records; return the reason of a refusal, or an empty text."""
        for name, record in group:
            try:
                refusal = self._write_record(name, to_stored_form(record.to_document()))
            except (ConflictError, InvalidInputError) as error:
                refusal = str(error)
            if refusal:
                return refusal
        return ""

    def has_project(self, project_id: str) -> bool:
        """Return whether a project exists."""
        return self._transaction.get("project", (project_id,)) is not None

    def _write_record(self, name: str, document: Document) -> str:
        refusal = self._write_document(name, document)
        if name == "user" and not refusal:
            present = self._transaction.get(name, (document["username"],))
            if present is not None and _needs_password(present) and not present["disabled"]:
                self.new_users.append(document["username"])
        return refusal

    def _write_document(self, name: str, document: Document) -> str:
        collection = COLLECTIONS[name]
        if collection.numbered:
            self._append(name, document)
            return ""
        present = self._transaction.get(name, extract_key(collection, document))
        if present is None:
            self._transaction.insert(name, document)
            self._add_provenance(name, document)
            self.imported[name] += 1
            return ""
        merged = _MERGE_FUNCTIONS.get(name, _keep_identical)(present, document)
        if merged is None:
            return f"the store has another {name} with this key, which is kept"
        if merged is present:
            self.already_there[name] += 1
        else:
            self._transaction.put(name, merged)
            self.imported[name] += 1
        return ""

    def _add_provenance(self, name: str, document: Document) -> None:
        if name not in LINKED_COLLECTIONS:
            return

        def find_target(project_id: str, task_id: str) -> str:
            found = self._transaction.get("task_result_history", (project_id, task_id))
            # Most inputs are values of the same target, if their result is imported later.
            return str((found or document)["qid"])

        for edge in iter_edges(name, document, find_target):
            self._transaction.put("provenance", to_stored_form(edge.to_document()))

    def _append(self, name: str, document: Document) -> None:
        """Add an edit of a note, unless the store has the same edit with the same time."""
        where = {field: document[field] for field in ("project_id", "scope", "target_id", "created_at")}
        unnumbered = encode_canonically({**document, "seq": 0})
        if any(
            encode_canonically({**one, "seq": 0}) == unnumbered for one in self._transaction.find(name, where)
        ):
            self.already_there[name] += 1
        else:
            self._transaction.append(name, document)
            self.imported[name] += 1


def _keep_identical(present: Document, imported: Document) -> Document | None:
    return present if encode_canonically(present) == encode_canonically(imported) else None


def _needs_password(user: Document) -> bool:
    """Return whether a user has no password, or only a bcrypt hash that an earlier import kept."""
    hashed = user["hashed_password"]
    return hashed is None or hashed.startswith("$2")


def _merge_user(present: Document, imported: Document) -> Document | None:
    """Merge an original user into one without a password, as in a new home. The time of creation tells that it was merged before."""
    if present["created_at"] == imported["created_at"]:
        return present
    if present["hashed_password"] is not None:
        return None
    taken = ("full_name", "disabled", "default_project_id", "created_at")
    return {**present, **{field: imported[field] for field in taken}}


def _keep_present(present: Document, _imported: Document) -> Document:
    return present


def _keep_higher_number(present: Document, imported: Document) -> Document:
    return present if present["index"] >= imported["index"] else {**present, "index": imported["index"]}


def _keep_newer_result(present: Document, imported: Document) -> Document:
    return present if present["end_at"] >= imported["end_at"] else imported


def _add_to_issue(present: Document, imported: Document) -> Document | None:
    """Return an issue with the replies that were imported since; the time of creation tells that it is the same."""
    if present["created_at"] != imported["created_at"]:
        return None
    return imported if imported["n_events"] > present["n_events"] else present


def _keep_event(present: Document, imported: Document) -> Document | None:
    return present if present["origin"] == imported["origin"] else None


_MERGE_FUNCTIONS: dict[str, Callable[[Document, Document], Document | None]] = {
    "user": _merge_user,
    "execution_counter": _keep_higher_number,
    "latest_result": _keep_newer_result,
    "provenance": _keep_present,
    "issue": _add_to_issue,
    "issue_event": _keep_event,
}
"""Merge functions for documents with the same key, by collection; a result of None refuses the imported document."""
