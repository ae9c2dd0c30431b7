"""Fields of the form for a record of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.entities.editable import list_choices
from qdash_ui_streamlit.forms.record_form import RecordField

if TYPE_CHECKING:
    from qdash_builtin.entities.entity import Entity


def list_fields(entity: Entity[Any]) -> dict[str, RecordField]:
    """Return the fields of the records of an entity that users edit."""
    return {
        name: RecordField(
            entity.get_label(name),
            kind := entity.get_input_kind(name),
            mark.help,
            tuple(map(str, list_choices(entity.model.model_fields[name].annotation)))
            if kind == "choice"
            else (),
        )
        for name, mark in entity.editable.items()
    }
