"""Base classes of repositories."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from json import JSONDecodeError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from qdash_core.errors import StoreError
from qdash_core.models.base import Record
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.pages import Page, make_cursor
from qdash_core.repositories.absent_collection import AbsentCollection
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import Range, Snapshot, Store, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Document, Key

R = TypeVar("R", bound=Record)
T = TypeVar("T")
O = TypeVar("O", bound="Repository[Any]")  # noqa: E741  the other repository
_READS, _AT_ONCE = 20, 1000
"""Maximum number of reads for a page of selected records, and of records in one read."""


class Repository(Generic[R]):
    """Typed access to one collection, in a store or inside a transaction of the caller.

    With a store as `scope`, each call is a transaction of its own; with a transaction all calls are part of it; with
    a snapshot that is not a transaction they can only read.
    """

    collection: ClassVar[str]
    model: type[R]

    def __init__(self, scope: Store | Snapshot) -> None:
        self._scope = scope

    def make_sibling(self, kind: type[O]) -> O:
        """Return another repository in the same scope."""
        return kind(self._scope)

    def _open_snapshot(self) -> AbstractContextManager[Snapshot]:
        if self.collection not in COLLECTIONS and self.collection not in self._scope.collections:
            return nullcontext(AbsentCollection())
        return self._scope.read() if isinstance(self._scope, Store) else nullcontext(self._scope)

    def _open_transaction(self) -> AbstractContextManager[Transaction]:
        if isinstance(self._scope, Store):
            return self._scope.transaction()
        assert isinstance(self._scope, Transaction), "a snapshot can only be read"
        return nullcontext(self._scope)

    def _get_key_fields(self) -> tuple[str, ...]:
        if (known := COLLECTIONS.find(self.collection)) is not None:
            return known.key
        with self._open_snapshot() as snapshot:
            return snapshot.get_collection(self.collection).key

    def _get(self, key: Key) -> R | None:
        with self._open_snapshot() as snapshot, translate_validation_errors(self.collection):
            document = snapshot.get(self.collection, key)
            return None if document is None else self._load(document)

    def select(
        self,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[R]:
        """Return the matching records."""
        return self.select_as(self.model, where, order=order, limit=limit, after=after)

    def _page(self, where: Mapping[str, Any], request: PageRequest, *, order: Sequence[str] = ()) -> Page[R]:
        """Return a page of the matching records; InvalidInputError for the cursor of another list."""
        return self.select_page(self.model, where, request, order=order)

    def select_page(
        self,
        kind: type[T],
        where: Mapping[str, Any],
        request: PageRequest,
        *,
        order: Sequence[str],
        without: Sequence[str] = (),
    ) -> Page[T]:
        """Return a page like `_page`, with the documents as a projection, which needs the fields of the order and the key."""
        by = (*(name.lstrip("-") for name in order), *self._get_key_fields())
        paging = {"order": order, "limit": request.limit + 1, "after": request.place(len(by))}
        found = self.select_as(kind, where, **paging, without=without)
        values = [attrgetter(name) for name in by]
        return Page.from_items(
            found, request, lambda record: tuple(to_stored_form(value(record)) for value in values)
        )

    def _page_selected(
        self,
        where: Mapping[str, Any],
        request: PageRequest,
        selects: Callable[[R], bool],
        *,
        order: Sequence[str] = (),
    ) -> Page[R]:
        """Return a page like `_page`, of the records that a function selects: for conditions that no index has.

        The number of records read for a page is limited, so that it may be short or empty although it has a `next`.
        """
        by = (*(name.lstrip("-") for name in order), *self._get_key_fields())
        values = [attrgetter(name) for name in by]

        def place(record: R) -> tuple[Any, ...]:
            return tuple(to_stored_form(value(record)) for value in values)

        behind, size, found = request.place(len(by)), request.limit + 1, list[R]()
        for _ in range(_READS):
            read = self.select(where, order=order, limit=size, after=behind)
            found += [record for record in read if selects(record)]
            if len(found) > request.limit or len(read) < size:
                return Page.from_items(found, request, place)
            behind, size = place(read[-1]), min(4 * size, _AT_ONCE)
        return Page(found, make_cursor(behind or ()))

    def select_as(self, kind: type[T], where: Mapping[str, Any], **paging: Any) -> list[T]:
        """Return the matching documents as a projection, which may skip fields; `paging` as for `Snapshot.load`."""
        with self._open_snapshot() as snapshot, translate_validation_errors(self.collection):
            reader = _make_reader(kind)  # type: ignore[arg-type]  # mypy takes no `type[T]` as hashable
            return snapshot.load(reader, self.collection, where, **paging)

    def list_unread_fields(self, kind: type) -> tuple[str, ...]:
        """Return the fields of the records that a projection lacks, for `without`."""
        return _list_unread_fields(self.model, kind)

    def select_briefs(self, where: Mapping[str, Any], **paging: Any) -> list[list[Any]]:
        """Return the fields of the briefs of the matching documents; `paging` as for `Snapshot.read_briefs`."""
        with self._open_snapshot() as snapshot, translate_validation_errors(self.collection):
            return snapshot.read_briefs(self.collection, where, **paging)

    def count(self, where: Mapping[str, Any]) -> int:
        """Return the number of matching documents."""
        with self._open_snapshot() as snapshot:
            return snapshot.count(self.collection, where)

    def _insert(self, record: R) -> None:
        with self._open_transaction() as transaction:
            transaction.insert(self.collection, record.to_document())

    def _put(self, record: R) -> None:
        with self._open_transaction() as transaction:
            transaction.put(self.collection, record.to_document())

    def _load(self, document: Mapping[str, Any]) -> R:
        return self.model.model_validate(document)


class NumberedRepository(Repository[R]):
    """Typed access to a collection whose documents the store numbers in the order of their commits."""

    def prune(self, project_id: str | None, before: datetime, *, at_most: int = 10_000) -> int:
        """Remove at most `at_most` documents from before a time, oldest first; return their number.

        With a project of None all documents are meant, also those without a project.
        """
        where: dict[str, Any] = {} if project_id is None else {"project_id": project_id}
        with self._open_transaction() as transaction:
            found = transaction.find(self.collection, where, order=("seq",), limit=1)
            if not found or not _is_before(found[0], before):
                return 0
            found = transaction.find(self.collection, where, order=("seq",), limit=at_most)
            last = [document["seq"] for document in found if _is_before(document, before)][-1]
            return transaction.delete(self.collection, {**where, "seq": Range(most=last)})


def _is_before(document: Document, moment: datetime) -> bool:
    return bool(document["created_at"] < to_stored_form(moment))


class translate_validation_errors:  # noqa: N801  a block, entered with each read
    """Block in which a validation error of a stored document becomes an error with advice."""

    def __init__(self, collection: str) -> None:
        self._collection = collection

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, (ValidationError, JSONDecodeError)):
            fault = ": ".join(find_first_error(error)) if isinstance(error, ValidationError) else str(error)
            raise StoreError(
                f"a document of {self._collection} is damaged ({fault}): qdash doctor --deep says "
                "which; restore a backup"
            ) from error


@cache
def _list_unread_fields(model: type[BaseModel], kind: type) -> tuple[str, ...]:
    read = kind.model_fields if issubclass(kind, BaseModel) else kind.__annotations__
    return tuple(sorted({*model.model_fields} - {*read}))


@cache
def _make_reader(kind: type[T]) -> TypeAdapter[list[T]]:
    return TypeAdapter(list[kind])  # type: ignore[valid-type]
