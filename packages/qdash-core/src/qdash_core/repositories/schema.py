"""Collections of the store that this process knows: those of the engine, and those that features declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.features.declarations import list_known_features
from qdash_core.repositories.collection import Collection
from qdash_core.repositories.engine_collections import ENGINE_COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA_VERSION = 15
"""Version of the schema, incremented with every change of a collection of QDash that requires a migration."""


class Declaration(NamedTuple):
    """Collection with the feature that declares it, which is empty for the engine."""

    collection: Collection
    feature: str


class _KnownCollections(Mapping[str, Collection]):
    """Collections by name. Features are read when it is iterated over, and when a name is unknown.

    Those of blocked features are among them, since their records stay. A feature whose collections cannot be imported is left out;
    the plugin manager tells its error.
    """

    def __init__(self) -> None:
        self._declared = {one.name: Declaration(one, "") for one in ENGINE_COLLECTIONS}
        self._found = {name: one.collection for name, one in self._declared.items()}

    def __getitem__(self, name: str) -> Collection:
        found = self._found.get(name)
        if found is None and (found := self._search().get(name)) is None:
            raise KeyError(f"no collection {name!r}; there are {', '.join(self._found)}")
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._found or name in self._search()

    def __iter__(self) -> Iterator[str]:
        return iter(self._search())

    def __len__(self) -> int:
        return len(self._search())

    def find(self, name: str) -> Collection | None:
        """Return a collection that has been read already, or None, which costs no more than a look into a dict."""
        return self._found.get(name)

    def list_declarations(self) -> dict[str, Declaration]:
        self._search()
        return self._declared

    def find_conflict(self, collection: Collection, feature: str) -> Declaration | None:
        """Return the declaration of the engine or of another feature that has a name in common with a collection, or None."""
        if self._declared.get(collection.name) == Declaration(collection, feature):
            return None
        for one in self.list_declarations().values():
            if one.feature != feature and not one.collection.table_names.isdisjoint(collection.table_names):
                return one
        return None

    def _search(self) -> dict[str, Collection]:
        declared = {one.name: Declaration(one, "") for one in ENGINE_COLLECTIONS}
        taken = {name for one in ENGINE_COLLECTIONS for name in one.table_names}
        for feature in list_known_features():
            try:
                own = feature.load_collections()
            except Exception:  # noqa: BLE001, S112  code of a plugin
                continue
            for one in own:
                if isinstance(one, Collection) and taken.isdisjoint(one.table_names):
                    declared[one.name] = Declaration(one, feature.name)
                    taken |= one.table_names
        self._declared = declared
        self._found = {name: one.collection for name, one in declared.items()}
        return self._found


COLLECTIONS = _KnownCollections()
"""Collections that this process knows, by name."""
