"""Declaration of a collection of the store: its key, its indexes, and the fate of its documents.

Stores keep whole documents. Only fields named here can be queried, ordered by, or unique, so that no query
becomes a scan unnoticed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

ChipFate = Literal["removed", "kept", "refused"]
"""Fate of a document if its chip is deleted: removed, kept, or the deletion is refused."""
SizeGroup = Literal["executions", "values", "events", "other"]
"""Part of a store under which the size of a collection is counted."""
_NAME = re.compile(r"(?!qdash_|sqlite_)[a-z][a-z0-9_]*")
_FIELD = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?")


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """One kind of document. Equal only to itself.

    Parameters
    ----------
    indexes : tuple of tuple of str
        Compound indexes; a field with a leading `-` is descending. `a.b` is the field `b` within `a`.
    unique : tuple of tuple of str
        Further combinations that must be unique. Documents in which one of the fields is None are exempt.
    partial : mapping of str to tuple of str
        Compound indexes of only those documents in which the named field is not None.
    lists : tuple of str
        Fields with a list of text that can be queried for members.
    list_indexes : tuple of tuple of str
        Compound indexes with one of the lists: fields that a query fixes, the list, and the order of a page.
    text : str
        Field whose words can be searched, or empty for none.
    text_order : tuple of str
        Fields that order the results of a word search, as in an index: a page in that order needs no sorting.
    brief : tuple of str
        Fields of the brief: a copy of a small part of each document, for bulk reading by `Snapshot.read_briefs`.
    brief_entries : mapping of str to tuple of str
        Fields of the brief that hold mappings, with what the brief keeps of each of their entries.
    brief_index : tuple of str
        The one of `indexes` that holds the brief, so that a query in its order reads no documents.
    flat : tuple of str
        All fields of the documents, in order, if they hold text: a store may keep such a document as its values alone. Other
        documents are kept whole.
    numbered : bool
        Whether the store assigns each document an increasing `seq` (append-only collections).
    model : str
        Class of its records, `module:attribute`, against which `qdash doctor --deep` validates the documents; empty for none.
    noun, plural : str
        Names of one and of several documents for users; empty for that of the collection.
    entity_field : str
        Field with the name of an entity, by which the documents of a chip are counted; empty for none.
    with_chip : str
        What happens to the documents of a chip that is deleted: "removed", or "kept" as history; both are counted. "refused": it is
        deleted only without such documents. "own": each document says one of these in its field `with_chip`. Empty if they are not
        about a chip. The documents have `project_id` and `chip_id`.
    contents : str
        Plural noun under which the documents count as contents of their project, which can be deleted only without; empty if the
        documents belong to others that do, and are deleted with the project.
    references : str
        Which results and executions that the documents name are kept when old data are pruned: "use" for those that a user or a
        waiting run refers to, "origin" for the results of values, whose executions are not kept. Empty for none.
    tags : str
        Field with the tags of a document, which are renamed with the tag: one of `lists`, or `a.b` for few documents, which are all
        read; empty for none.
    size_group : str
        Part of the store under which `qdash doctor` counts its size: "executions", "values", "events" or "other".
    attached : bool
        Whether documents have the field `attachments`, a list of files with `path` and `sha256` in the storage of raw data.
    live : bool
        Whether the documents describe live processes, which backups leave out.

    Attributes
    ----------
    fields : tuple of str
        Every field that documents can be found by, each once, key first.
    table_names : frozenset of str
        Names of the tables that a store may make: for the documents, the words of the text, and the members of the lists.
    """

    name: str
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    partial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    list_indexes: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    text_order: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    brief_entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    brief_index: tuple[str, ...] = ()
    flat: tuple[str, ...] = ()
    numbered: bool = False
    model: str = ""
    noun: str = ""
    plural: str = ""
    entity_field: str = ""
    with_chip: ChipFate | Literal["", "own"] = ""
    contents: str = ""
    references: Literal["", "use", "origin"] = ""
    tags: str = ""
    size_group: SizeGroup = "other"
    attached: bool = False
    live: bool = False
    fields: tuple[str, ...] = field(init=False)
    table_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the fields once, since every write needs them; raise InvalidInputError for names that no store can use."""
        indexed = (*self.indexes, *self.unique, *self.partial.values(), self.text_order)
        named = (*self.key, *(name.lstrip("-") for index in indexed for name in index), *self.flat)
        object.__setattr__(self, "fields", tuple(dict.fromkeys(named)))
        suffixes = (*(["words"] if self.text else []), *self.lists)
        names = (self.name, *(f"{self.name}_{suffix}" for suffix in suffixes))
        object.__setattr__(self, "table_names", frozenset(names))
        if not _NAME.fullmatch(self.name):
            raise InvalidInputError(
                f"{self.name!r} is no name of a collection: use lower-case letters, digits and '_'"
            )
        for name in (*self.fields, *self.lists, *filter(None, [self.text])):
            if not _FIELD.fullmatch(name):
                raise InvalidInputError(
                    f"the collection {self.name} has the field {name!r}: a field is named by letters, digits and '_'"
                )
        if not self.key:
            raise InvalidInputError(f"the collection {self.name} needs a key")
        needed = ["project_id", "chip_id", *(["with_chip"] if self.with_chip == "own" else [])]
        if self.with_chip and not {*needed} <= {*self.fields}:
            raise InvalidInputError(
                f"the collection {self.name} has documents of chips: it needs a key or an index with {' and '.join(needed)}"
            )

    def count_in_words(self, number: int) -> str:
        """Return a number of documents with their noun."""
        return f"{number} {(self.noun if number == 1 else self.plural) or self.name}"


def extract_key(collection: Collection, document: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of the key fields of a document; raise `InvalidInputError` if one is absent."""
    try:
        return tuple([document[name] for name in collection.key])
    except KeyError as error:
        raise InvalidInputError(f"a document of {collection.name} needs its key field {error}") from error
