"""The collections of the store: what identifies a document, and by what documents are found.

A store keeps documents whole. A field can be asked for, ordered by, or required to be unique only when it is named
here, so no query can become a scan unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1
"""Raised by one with every change of `COLLECTIONS` that an existing store must be migrated for."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of document.

    Parameters
    ----------
    name : str
        Name of the collection, as in the reference.
    key : tuple of str
        Fields that together identify a document.
    indexes : tuple of tuple of str
        Compound indexes; a field with a leading `-` is descending.
    unique : tuple of tuple of str
        Further combinations that must be unique. Documents in which one of the fields is None are exempt.
    numbered : bool
        Whether the store gives each document an ever increasing `seq` of its own (append-only collections).

    Attributes
    ----------
    fields : tuple of str
        Every field that documents can be found by, each once, key first.
    """

    name: str
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    numbered: bool = False
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Gather the fields once: they are needed with every write."""
        named = (*self.key, *(name.lstrip("-") for index in (*self.indexes, *self.unique) for name in index))
        object.__setattr__(self, "fields", tuple(dict.fromkeys(named)))


COLLECTIONS = {
    collection.name: collection
    for collection in (
        Collection("project", ("project_id",), indexes=(("owner_username", "name"),)),
        Collection(
            "project_membership",
            ("project_id", "username"),
            indexes=(("project_id", "user_id"), ("user_id", "status"), ("username", "status")),
        ),
        Collection("user", ("username",), unique=(("user_id",),)),
        Collection(
            "chip",
            ("project_id", "chip_id"),
            indexes=(("username", "chip_id"), ("project_id", "-installed_at")),
        ),
        Collection("qubit", ("project_id", "chip_id", "qid"), indexes=(("project_id", "username"),)),
        Collection("coupling", ("project_id", "chip_id", "qid"), indexes=(("project_id", "username"),)),
        Collection("qubit_history", ("project_id", "chip_id", "qid", "recorded_date")),
        Collection("coupling_history", ("project_id", "chip_id", "qid", "recorded_date")),
        Collection("chip_history", ("project_id", "chip_id", "recorded_date")),
        Collection(
            "execution_history",
            ("project_id", "execution_id"),
            indexes=(
                ("project_id", "-start_at"),
                ("project_id", "chip_id", "-start_at"),
                ("project_id", "username", "-start_at"),
                ("project_id", "status"),
            ),
        ),
        Collection(
            "task_result_history",
            ("project_id", "task_id"),
            indexes=(
                ("project_id", "execution_id", "start_at"),
                ("project_id", "chip_id", "-start_at"),
                ("project_id", "chip_id", "name", "qid", "-start_at"),
            ),
        ),
        Collection("latest_result", ("project_id", "chip_id", "name", "qid")),
        Collection("execution_counter", ("project_id", "date")),
        Collection("execution_lock", ("project_id",)),
        Collection(
            "calibration_note",
            ("project_id", "chip_id", "execution_id", "task_id"),
            indexes=(("project_id", "chip_id", "-timestamp"),),
        ),
        Collection("task", ("project_id", "backend", "name"), indexes=(("project_id", "task_type"),)),
        Collection("event", ("seq",), indexes=(("project_id", "seq"),), numbered=True),
    )
}


def collection_named(name: str) -> Collection:
    """Return a collection by its name; raise `KeyError` if there is none."""
    try:
        return COLLECTIONS[name]
    except KeyError:
        raise KeyError(f"no collection {name!r}; there are {', '.join(COLLECTIONS)}") from None


def key_of(collection: Collection, document: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of the key fields of a document; raise `InvalidInputError` if one is absent."""
    try:
        return tuple([document[name] for name in collection.key])
    except KeyError as error:
        raise InvalidInputError(f"a document of {collection.name} needs its key field {error}") from error
