"""Declaration of an entity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_builtin.entities.editable import Editable, list_editable_fields, require_input_kind
from qdash_builtin.entities.model import PluginRecord
from qdash_builtin.entities.reference_fields import RefersTo, list_references
from qdash_builtin.entities.rules import EntityRules
from qdash_core.models.annotations import is_optional
from qdash_core.models.base import NotedRecord, Record
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.attachments.accepted_files import AcceptedFiles
    from qdash_core.models.input_kinds import InputKind
    from qdash_core.repositories.keyed_repository import KeyedRepository

M = TypeVar("M", bound=Record)

_VOWEL = re.compile(r"[aeio]|u(?!ni|s[ae])|hour")
"""Beginning of the nouns with the article `an`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity(Generic[M]):
    """Declaration of one kind of record in a project, compared by identity.

    Its storage, service, routes, commands and dashboard page are derived from it. The fields that users edit are annotated in the model with
    `Editable`. An empty text is absent in what viewers see.

    Parameters
    ----------
    name, plural : str
        The entity as commands and paths name it, such as `cryostat` and `cryostats`.
    repository : type
        Its repository, whose collection and key are those of the store's schema.
    columns : tuple of str
        Fields in lists.
    example : mapping
        A record as viewers see it, for the documentation.
    edit_example : mapping or None
        Body of an edit for the documentation, or None for the first field of the example.
    headline : str
        Field that follows the id in the first line of `show`, or empty.
    hidden : frozenset of str
        Fields that no interface shows.
    verb : str
        Verb of the create command in texts, such as `register`.
    deletion_condition : str
        Condition of a deletion, as texts name it, such as `without cool-downs`.
    edit_role, delete_role : ProjectRole
        Required roles of users who create and edit records, and who delete them.
    attachments : AcceptedFiles or None
        Files that may be attached to a record, or None for none.
    filters : tuple of str
        Fields by which lists are filtered, besides references.
    view_model : str
        View model of its records, `module:attribute`, with the types that clients check; empty to make it from the model.
    chosen_ids : bool
        Whether users choose the ids of the records of a plugin, such as the label of a sample, and not QDash.
    """

    name: str
    plural: str
    model: type[M]
    repository: type[KeyedRepository[M]]
    columns: tuple[str, ...]
    example: Mapping[str, Any]
    edit_example: Mapping[str, Any] | None = None
    wrapped_columns: tuple[str, ...] = ()
    headline: str = ""
    hidden: frozenset[str] = frozenset({"project_id", "created_at", "updated_at"})
    verb: str = "create"
    deletion_condition: str = ""
    edit_role: ProjectRole = ProjectRole.EDITOR
    delete_role: ProjectRole = ProjectRole.EDITOR
    rules: EntityRules[M] = EntityRules()  # noqa: RUF009  it has no state
    attachments: AcceptedFiles | None = None
    filters: tuple[str, ...] = ()
    view_model: str = ""
    chosen_ids: bool = False

    @property
    def schema_name(self) -> str:
        """Prefix of its OpenAPI schema names; contains `Entity` for plugins, to avoid collisions with those of the host."""
        if self.is_of_plugin:
            return f"{self.name.title().replace('-', '_')}Entity"
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
        return "an" if _VOWEL.match(self.noun) else "a"

    @property
    def order_phrase(self) -> str:
        """Order of lists."""
        return "newest first" if self.repository.order else "by id"

    @property
    def deletion(self) -> str:
        """Sentence about a deletion, without its full stop."""
        return f"Delete {self.article} {self.noun} {self.deletion_condition}".rstrip()

    @property
    def is_of_plugin(self) -> bool:
        """True if a plugin declares it."""
        return issubclass(self.model, PluginRecord)

    @property
    def assigns_ids(self) -> bool:
        """True if QDash assigns the ids of its records."""
        return self.is_of_plugin and not self.chosen_ids

    @property
    def is_noted(self) -> bool:
        """True if its records have a note."""
        return issubclass(self.model, NotedRecord)

    @cached_property
    def editable(self) -> dict[str, Editable]:
        """Marks of the fields that users edit, by name."""
        return list_editable_fields(self.model)

    @cached_property
    def own_fields(self) -> frozenset[str]:
        """Fields of the model of a plugin that only its code changes."""
        if not self.is_of_plugin:
            return frozenset()
        return frozenset(self.model.model_fields) - self.editable.keys() - PluginRecord.model_fields.keys()

    @cached_property
    def references(self) -> dict[str, RefersTo]:
        """References to other objects by the name of the field."""
        return list_references(self.model)

    @property
    def with_chip(self) -> str:
        """Fate of its records if their chip is deleted; empty if they are about none."""
        return "".join(mark.with_chip for mark in self.references.values())

    @cached_property
    def visible_fields(self) -> list[str]:
        """Names of the fields that viewers see: the id first, author, time and note last."""
        names = [name for name in self.model.model_fields if name not in self.hidden]
        last = ("username", "created_at", "note")
        return sorted(names, key=lambda name: (name != self.key, name in last and last.index(name) + 1))

    def get_label(self, name: str) -> str:
        """Return the name of a field for people."""
        if name == self.key:
            return self.noun
        mark, usual = self.editable.get(name), name.removesuffix("_at").replace("_", " ")
        return (mark.label if mark else "") or (
            self.references[name].kind if name in self.references else usual
        )

    def get_input_kind(self, name: str) -> InputKind:
        """Return the kind of input for a field."""
        return require_input_kind(name, self.model.model_fields[name].annotation)

    def get_option(self, name: str) -> str:
        """Return the option for a field, such as `--cryo-id`."""
        usual = self.references[name].kind if name in self.references else name.replace("_", "-")
        return self.editable[name].option or f"--{usual}"

    def is_optional(self, name: str) -> bool:
        """Return whether a field may be without a value."""
        return is_optional(self.model.model_fields[name].annotation)

    @cached_property
    def key(self) -> str:
        """Field of the id."""
        return COLLECTIONS[self.repository.collection].key[-1]
