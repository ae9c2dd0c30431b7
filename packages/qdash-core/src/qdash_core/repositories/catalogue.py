"""Catalogue of a store: the declaration of each collection that it holds, so that the records of absent features stay."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from qdash_core.errors import StoreError
from qdash_core.repositories.collection import Collection
from qdash_core.repositories.schema import COLLECTIONS, Declaration

if TYPE_CHECKING:
    from collections.abc import Iterable

CATALOGUE = "qdash_catalogue"
"""Table or collection of a store with its catalogue."""
_DECLARED = tuple(one for one in fields(Collection) if one.init)
_STRUCTURE = ("key", "lists", "list_indexes", "text", "text_order", "brief", "brief_entries", "numbered")


class CatalogueEntry(NamedTuple):
    """Entry of a catalogue: name of the collection, feature that declares it (empty for the engine), and declaration as JSON.

    Parts of the declaration that have their default are left out.
    """

    name: str
    feature: str
    text: str

    @classmethod
    def from_declaration(cls, declaration: Declaration) -> CatalogueEntry:
        """Return the entry of a declaration."""
        return cls(declaration.collection.name, declaration.feature, _encode(declaration.collection))

    def decode(self) -> Declaration:
        """Return the declaration; parts that this version of QDash does not know are left out."""
        return Declaration(_decode(self.text), self.feature)


class Catalogue(dict[str, Collection]):
    """Collections that a store holds, by name: in the order of their declarations, and those of absent features by name.

    `declarations` has that of the feature of each if it is installed, else that of the entry. `changes` has those
    that this process knows, and the store does not hold, or holds otherwise.
    """

    def __init__(self, entries: Iterable[CatalogueEntry]) -> None:
        known = COLLECTIONS.list_declarations()
        self._entries = {entry.name: entry for entry in entries}
        absent = sorted(self._entries.keys() - known.keys())
        self.declarations = [one for name, one in known.items() if name in self._entries]
        self.declarations += [self._entries[name].decode() for name in absent]
        self.changes = [
            one
            for name, one in known.items()
            if self._entries.get(name) != CatalogueEntry.from_declaration(one)
        ]
        super().__init__((one.collection.name, one.collection) for one in self.declarations)

    def __missing__(self, name: str) -> Collection:
        raise KeyError(f"the store has no collection {name!r}; there are {', '.join(self)}")

    @property
    def absent(self) -> list[Declaration]:
        """Declarations of features that are not installed."""
        return [one for one in self.declarations if one.collection.name not in COLLECTIONS]

    def must_rebuild(self, declaration: Declaration) -> bool:
        """Return whether the stored documents of a collection must be written again for a new declaration.

        Raises
        ------
        StoreError
            If they are those of another feature, with another key.
        """
        entry = self._entries.get(declaration.collection.name)
        if entry is None:
            return False
        former, collection = entry.decode(), declaration.collection
        if former.feature != declaration.feature and former.collection.key != collection.key:
            raise StoreError(
                f"it holds records of the feature {former.feature!r} in the collection {collection.name!r}, whose name the feature "
                f"{declaration.feature!r} uses: rename the collection of that feature, or uninstall its plugin"
            )
        return any(getattr(former.collection, name) != getattr(collection, name) for name in _STRUCTURE)


@cache
def _encode(collection: Collection) -> str:
    declared: dict[str, Any] = {}
    for one in _DECLARED:
        value = getattr(collection, one.name)
        if value not in ("", (), {}, False):
            declared[one.name] = value
    return json.dumps(declared, sort_keys=True)


@lru_cache(maxsize=256)
def _decode(text: str) -> Collection:
    declared = json.loads(text)
    return Collection(
        **{one.name: _to_tuples(declared[one.name]) for one in _DECLARED if one.name in declared}
    )


def _to_tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_to_tuples(one) for one in value)
    if isinstance(value, dict):
        return {name: _to_tuples(one) for name, one in value.items()}
    return value
