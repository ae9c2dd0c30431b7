"""Page of an entity of a plugin in the dashboard, and its section in the panel of a chip, drawn by modules that only the dashboard imports."""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.entities.entity import Entity
    from qdash_core.features.sections import SectionSubject

_RECORDS = "qdash_builtin.entities.pages.entity_records"


@dataclass(frozen=True, slots=True)
class EntityPage:
    """Page of an entity, see `qdash_core.hooks.protocols.Page`."""

    title: str
    path: str
    render: Callable[[Any], None]
    icon: str = ":material/table_rows:"
    group: str = ""


def make_entity_page(entity: Entity[Any]) -> EntityPage:
    """Return the page of an entity."""

    def render(view: Any) -> None:
        resolve_name(f"{_RECORDS}:render")(view, entity)

    return EntityPage(entity.plural_noun.capitalize(), entity.plural, render)


def make_entity_sections(entity: Entity[Any]) -> list[Section]:
    """Return the section in the panel of a chip with the records of an entity that refer to it."""

    def draw(view: Any, subject: SectionSubject) -> None:
        resolve_name(f"{_RECORDS}:draw_section")(view, entity, subject)

    title = entity.plural_noun.capitalize()
    return [Section("chip_panel", title, draw, 100)] if "chip_id" in entity.references else []
