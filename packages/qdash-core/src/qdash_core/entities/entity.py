"""Declaration of an entity."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.entities.rules import EntityRules
from qdash_core.models.base import NotedRecord, Record
from qdash_core.models.editable import Editable, Kind, find_kind, list_editable_fields
from qdash_core.models.plugin_record import PluginRecord
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.keyed_repository import KeyedRepository

M = TypeVar("M", bound=Record)

_NOT_SHOWN = frozenset({"project_id", "created_at", "updated_at"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity(Generic[M]):
    """A kind of record of projects, equal only to itself. Store, service, routes, commands and the table of the dashboard follow from it.

    The fields that users edit are marked in the model by `Editable`. An empty text is absent in what viewers see.

    Parameters
    ----------
    name, plural : str
        The entity as commands and paths name it, such as `cryostat` and `cryostats`.
    model : type
        The stored model.
    repository : type
        Its repository, whose collection and key are those of the store's schema.
    example : mapping
        A record as viewers see it, for the documentation.
    columns : tuple of str
        Fields in lists.
    wrapped : tuple of str
        Columns that may be wrapped.
    headline : str
        Field that follows the id in the first line of `show`, or empty.
    hidden : frozenset of str
        Fields that nobody sees.
    verb : str
        Verb for the creation of a record.
    restriction : str
        What is said of a deletion after the name of the entity, as in `without cool-downs`.
    edit_role : ProjectRole
        Required role of users who create and edit records.
    delete_role : ProjectRole
        Required role of users who delete records.
    rules : EntityRules
        Rules for its records.
    document : str
        View model that is written out, with the types that clients check, as `module:Class`; empty for one that is made from the model.
    create_example, edit_example : mapping or None
        Request bodies for the documentation, or None for the editable fields of the example.
    """

    name: str
    plural: str
    model: type[M]
    repository: type[KeyedRepository[M]]
    columns: tuple[str, ...]
    example: Mapping[str, Any] = field(default_factory=dict)
    wrapped: tuple[str, ...] = ()
    headline: str = ""
    hidden: frozenset[str] = _NOT_SHOWN
    verb: str = "create"
    restriction: str = ""
    edit_role: ProjectRole = ProjectRole.EDITOR
    delete_role: ProjectRole = ProjectRole.EDITOR
    rules: EntityRules[M] = EntityRules()  # noqa: RUF009  it has no state
    document: str = ""
    create_example: Mapping[str, Any] | None = None
    edit_example: Mapping[str, Any] | None = None

    @property
    def schema_name(self) -> str:
        """Beginning of the names of its schemas, which differ from those of the host if a plugin declares it."""
        if self.assigns_ids:
            return f"{self.name.title().replace('-', '')}Entity"
        return self.model.__name__.removesuffix("Model")

    @property
    def noun(self) -> str:
        """The entity as sentences name it."""
        return self.repository.noun

    @property
    def plural_noun(self) -> str:
        """The records as sentences name them."""
        return self.plural.replace("-", " ")

    @property
    def article(self) -> str:
        """Indefinite article of the noun."""
        return "an" if self.noun[0] in "aeiou" else "a"

    @property
    def order_phrase(self) -> str:
        """Order of lists."""
        return "newest first" if self.repository.order else "by id"

    @property
    def deletion(self) -> str:
        """Sentence about a deletion, without its full stop."""
        return f"Delete {self.article} {self.noun} {self.restriction}".rstrip()

    @property
    def assigns_ids(self) -> bool:
        """True if QDash assigns the ids of the records."""
        return issubclass(self.model, PluginRecord)

    @property
    def is_noted(self) -> bool:
        """True if its records have a note."""
        return issubclass(self.model, NotedRecord)

    @cached_property
    def editable(self) -> dict[str, Editable]:
        """Marks of the fields that users edit, by name."""
        return list_editable_fields(self.model)

    @cached_property
    def shown(self) -> list[str]:
        """Names of the fields that viewers see: the id first, author, time and note last."""
        names = [name for name in self.model.model_fields if name not in self.hidden]
        last = ("username", "created_at", "note")
        return sorted(names, key=lambda name: (name != self.key, name in last and last.index(name) + 1))

    def get_label(self, name: str) -> str:
        """Return the name of a field for people."""
        if name == self.key:
            return self.noun
        mark = self.editable.get(name)
        return (mark.label if mark else "") or name.removesuffix("_at").replace("_", " ")

    def get_kind(self, name: str) -> Kind:
        """Return the kind of input for a field."""
        return find_kind(name, self.model.model_fields[name].annotation)

    @cached_property
    def example_option(self) -> str:
        """Option of the last text that users edit, for a message."""
        names = [name for name, mark in self.editable.items() if mark.help and self.get_kind(name) == "text"]
        return f"--{(names or list(self.editable))[-1].replace('_', '-')}"

    @cached_property
    def key(self) -> str:
        """Field of the id."""
        return COLLECTIONS[self.repository.collection].key[-1]
