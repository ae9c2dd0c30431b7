"""A log of samples that belong to chips, as an entity of a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from qdash_builtin.entities import AcceptedFiles, Editable, PluginRecord, RefersTo, declare_plugin_entity

from .photographs import make_picture

if TYPE_CHECKING:
    from qdash_builtin.entities.entity import Entity


PHOTO = make_picture("JPEG")
"""Contents of a photograph."""


class Sample(PluginRecord):
    """A sample that is removed with its chip."""

    name: Annotated[str, Editable("Name.")]
    chip_id: Annotated[str, Editable("Chip made of it."), RefersTo("chip", on_delete="remove")]
    target: Annotated[str, Editable("Qubit or coupling."), RefersTo("target")] = ""
    task_id: Annotated[str | None, Editable("Result."), RefersTo("result")] = None


class KeptSample(Sample):
    """A sample that stays when its chip is deleted."""

    chip_id: Annotated[str, Editable("Chip."), RefersTo("chip")]


class GuardedSample(Sample):
    """A sample whose chip cannot be deleted."""

    chip_id: Annotated[str, Editable("Chip."), RefersTo("chip", on_delete="refuse")]


def declare_samples(model: type[PluginRecord] = Sample, **changes: Any) -> Entity[Any]:
    """Return the entity with changes of its declaration."""
    usual: dict[str, Any] = {
        "columns": ("name", "chip_id", "target"),
        "example": {"name": "wafer 7", "chip_id": "64Q"},
        "attachments": AcceptedFiles(("image/*", "application/pdf"), size=2 * 2**20, number=3),
    }
    return declare_plugin_entity("sample", "samples", model, **{**usual, **changes})


SAMPLES = declare_samples()
