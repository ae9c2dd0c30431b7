"""Annotation of the fields of a record that refer to chips, targets and results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pydantic import BaseModel

    from qdash_core.repositories.collection import ChipFate

ReferenceKind = Literal["chip", "target", "result"]
REFERENCE_FIELDS: dict[ReferenceKind, str] = {"chip": "chip_id", "target": "target", "result": "task_id"}
"""Name of the field of each kind of reference, by which records are found."""


@dataclass(frozen=True, slots=True)
class RefersTo:
    """Annotation of a text field that names another object, which must exist when the field is written.

    Parameters
    ----------
    kind : ReferenceKind
        "chip" for the field `chip_id`, "target" for the field `target` with a qubit or coupling of this chip, or "result" for the
        field `task_id`.
    on_delete : str
        If the chip is deleted: "remove" the record, "keep" it, or "refuse" the deletion. For chips only.
    """

    kind: ReferenceKind
    on_delete: Literal["remove", "keep", "refuse"] = "keep"

    @property
    def with_chip(self) -> ChipFate | Literal[""]:
        """Fate of a record that refers to a chip; empty for other references."""
        fates: dict[str, ChipFate] = {"remove": "removed", "keep": "kept", "refuse": "refused"}
        return fates[self.on_delete] if self.kind == "chip" else ""


def list_references(model: type[BaseModel]) -> dict[str, RefersTo]:
    """Return the references of a model by the name of the field."""
    return {
        name: mark
        for name, field in model.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, RefersTo)
    }
