"""All repositories over one store or transaction."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, TypeVar

import qdash_core.repositories
from qdash_core.repositories.base import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Snapshot, Store

O = TypeVar("O", bound=Repository[Any])  # noqa: E741  the other repository


class Repositories:
    """The repositories by type; iteration creates all of them.

    With a transaction as `scope`, all writes are one atomic write; with a snapshot the repositories can only read.
    """

    def __init__(self, scope: Store | Snapshot) -> None:
        self.scope = scope
        self._opened: dict[type[Repository[Any]], Repository[Any]] = {}

    def of(self, kind: type[O]) -> O:
        """Return the repository of a type, such as `of(IssueRepository)`; the same one each time."""
        found: Any = self._opened.get(kind)
        if found is None:
            found = self._opened[kind] = kind(self.scope)
        return found  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Repository[Any]]:
        """Yield the repository of each collection."""
        for module in iter_modules(qdash_core.repositories.__path__, f"{qdash_core.repositories.__name__}."):
            for one in vars(import_module(module.name)).values():
                if (
                    isinstance(one, type)
                    and issubclass(one, Repository)
                    and one.__module__ == module.name
                    and hasattr(one, "collection")
                ):
                    yield self.of(one)
