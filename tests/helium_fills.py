"""An entity of a plugin with a field of each kind, and a rule."""

from __future__ import annotations

from enum import StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_builtin.entities import Editable, EntityRules, PluginRecord, declare_plugin_entity
from qdash_core import hookimpl
from qdash_core.errors import ConflictError
from qdash_core.models.base import UtcDatetime  # noqa: TC001  pydantic reads the annotation

if TYPE_CHECKING:
    from qdash_builtin.entities.entity import Entity
    from qdash_core.repositories.repositories import Repositories


class Purity(StrEnum):
    """Purity of helium."""

    PURE = "5.0"
    PURER = "6.0"


class HeliumFill(PluginRecord):
    """A fill of a helium vessel."""

    litres: Annotated[float, Field(gt=0), Editable("Volume, in l.", label="volume (l)")]
    purity: Annotated[Purity, Editable("Purity: 5.0 or 6.0.")] = Purity.PURE
    leaked: Annotated[bool, Editable("Whether some was lost.")] = False
    filled_at: Annotated[UtcDatetime | None, Editable("Time of the fill.")] = None
    supplier: Annotated[str, Editable("Supplier.")] = ""


class HeliumRules(EntityRules[HeliumFill]):
    """Rules: nobody delivers no helium, and a leaked fill cannot be deleted."""

    def apply(
        self, repositories: Repositories, record: HeliumFill, former: HeliumFill | None, **further: Any
    ) -> HeliumFill:
        if record.supplier == "nobody":
            raise ConflictError("nobody delivers no helium")
        return record

    def check_deletion(self, repositories: Repositories, record: HeliumFill) -> None:
        if record.leaked:
            raise ConflictError("a leak stays on record")


def declare_fills(**changes: Any) -> Entity[HeliumFill]:
    """Return the entity with changes of its declaration."""
    usual: dict[str, Any] = {
        "name": "helium-fill",
        "plural": "helium-fills",
        "model": HeliumFill,
        "rules": HeliumRules(),
        "columns": ("litres", "purity", "leaked", "filled_at", "supplier", "username"),
        "example": {"litres": 100, "purity": "6.0", "supplier": "Cold Gases"},
        "filters": ("litres", "purity", "leaked", "filled_at", "supplier", "username"),
    }
    given = {**usual, **changes}
    return declare_plugin_entity(given.pop("name"), given.pop("plural"), given.pop("model"), **given)


FILLS = declare_fills()


def make_plugin(*entities: object) -> SimpleNamespace:
    """Return a plugin with these entities."""

    def qdash_entities() -> list[object]:
        return list(entities)

    return SimpleNamespace(qdash_entities=hookimpl(qdash_entities))
