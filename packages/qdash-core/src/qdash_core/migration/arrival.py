"""Where imported records arrive: new ones are written, equal ones are there already, others stay as they are here."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.migration.reading import canonical
from qdash_core.repositories.documents import plain
from qdash_core.repositories.schema import COLLECTIONS, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from qdash_core.models.base import Record
    from qdash_core.repositories.store import Document, Store, Transaction


class _NotMeantError(Exception):
    """Raised to undo the transaction of a dry run."""


class Arrival:
    """A transaction that takes records in. A context manager.

    Parameters
    ----------
    store : Store
        Where they go.
    dry_run : bool
        Undo everything in the end.
    """

    def __init__(self, store: Store, *, dry_run: bool) -> None:
        self.imported: Counter[str] = Counter()
        self.already_there: Counter[str] = Counter()
        self._dry_run = dry_run
        self._block = store.transaction()
        self._transaction: Transaction

    def __enter__(self) -> Self:
        self._transaction = self._block.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._dry_run:
            undo = _NotMeantError()
            try:
                self._block.__exit__(_NotMeantError, undo, None)
            except _NotMeantError:
                pass
            return
        self._block.__exit__(kind, error, trace)

    def place(self, group: Sequence[tuple[str, Record]]) -> str:
        """Take in records of which the later ones belong to the first; return why one was refused, or nothing."""
        for name, record in group:
            try:
                refusal = self._place(name, plain(record.document()))
            except (ConflictError, InvalidInputError) as error:
                refusal = str(error)
            if refusal:
                return refusal
        return ""

    def _place(self, name: str, document: Document) -> str:
        collection = COLLECTIONS[name]
        if collection.numbered:
            return self._append(name, document)
        present = self._transaction.get(name, key_of(collection, document))
        if present is None:
            self._transaction.insert(name, document)
            self.imported[name] += 1
            return ""
        wanted = _MERGED.get(name, _as_it_comes)(present, document)
        if canonical(wanted) == canonical(present):
            self.already_there[name] += 1
        elif name in _MERGED and wanted is not document or name == "latest_result":
            self._transaction.put(name, wanted)
            self.imported[name] += 1
        else:
            return "there is another one here already, and it stays"
        return ""
