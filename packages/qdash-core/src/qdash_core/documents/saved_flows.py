"""Flows that users wrote: as they stand, each version with its source, and what their functions take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.flows import FlowDocument
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.models.flow import FlowForm, FlowModel, FlowVersionModel
    from qdash_core.projects.flow_sources import CheckedSource

_FORM: dict[str, Any] = {
    "parameters": {
        "type": "object",
        "properties": {"shots": {"type": "integer", "default": 1024}},
        "required": [],
        "additionalProperties": False,
    },
    "given": ["chip_id", "qids"],
}
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_SOURCE = "def night(chip_id, qids=None, shots: int = 1024):\n    ...\n"
_SAVED: dict[str, Any] = {
    "name": "night",
    "version": 3,
    "username": "alice",
    "chip_id": "a",
    "description": "What runs every night.",
    "function": "night",
    "tags": ["nightly"],
    "sha256": _SHA256,
    "created_at": "2026-11-20T08:30:00Z",
    "updated_at": "2026-11-21T08:30:00Z",
    "form": _FORM,
}


class FlowFormDocument(Document):
    """What the function of a flow takes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FORM]})

    parameters: dict[str, Any]
    """JSON Schema of an object: what `parameters` of a request may hold, without what is `given`."""
    given: list[str]
    """Arguments that the run itself gives, of what else its request says."""

    @classmethod
    def of(cls, form: FlowForm) -> Self:
        """Return the document of a form."""
        required = [name for name in form.parameters["required"] if name not in form.given]
        return cls(parameters=form.parameters | {"required": required}, given=list(form.given))


class CheckedSourceDocument(Document):
    """A source that is Python and has a function to run. Nothing of it was run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "function": "night",
                    "description": "What runs every night.",
                    "sha256": _SHA256,
                    "form": _FORM,
                }
            ]
        }
    )

    function: str
    description: str
    sha256: str
    form: FlowFormDocument

    @classmethod
    def of(cls, checked: CheckedSource) -> Self:
        """Return the document of a source that was checked."""
        return cls(
            function=checked.function,
            description=checked.description,
            sha256=checked.sha256,
            form=FlowFormDocument.of(checked.form),
        )


class SavedFlowDocument(Document):
    """A flow that somebody wrote, as a version of it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_SAVED, "source": _SOURCE}]})

    name: str
    version: int
    username: str
    """Who wrote this version."""
    chip_id: str
    """The chip that it is for; empty: whichever a run names."""
    description: str
    function: str
    """The function that begins it."""
    tags: list[str]
    sha256: str | None = None
    """Of the source in UTF-8; absent: it is not kept, the code lies in a file."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    form: FlowFormDocument | None = None
    source: str | None = None
    """Where one version is shown."""

    @classmethod
    def of(cls, flow: FlowModel) -> Self:
        """Return the document of a flow or a version of it, without the source."""
        return cls(
            name=flow.name,
            version=flow.version,
            username=flow.username,
            chip_id=flow.chip_id,
            description=flow.description,
            function=flow.flow_function_name,
            tags=flow.tags,
            sha256=flow.sha256 or None,
            created_at=flow.created_at,
            updated_at=flow.updated_at,
            form=None if flow.form is None else FlowFormDocument.of(flow.form),
        )

    @classmethod
    def with_source(cls, version: FlowVersionModel) -> Self:
        """Return the document of a version with its source."""
        return cls.of(version).model_copy(update={"source": version.source or None})


class FlowEntryDocument(Document):
    """A flow that a run can be asked for by name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "check", "kind": "installed", "description": "Whether all is well."},
                {
                    "name": "night",
                    "kind": "saved",
                    "description": "What runs every night.",
                    "version": 3,
                    "username": "alice",
                    "tags": ["nightly"],
                    "updated_at": "2026-11-21T08:30:00Z",
                },
            ]
        }
    )

    name: str
    kind: Literal["installed", "saved"]
    """`installed`: a plugin gives it; `saved`: somebody of the project wrote it."""
    description: str
    version: int | None = None
    username: str | None = None
    tags: list[str] | None = None
    updated_at: UtcDatetime | None = None

    @classmethod
    def installed(cls, template: FlowTemplate) -> Self:
        """Return the document of a flow of a plugin."""
        return cls(name=template.name, kind="installed", description=template.description)

    @classmethod
    def saved(cls, flow: FlowModel) -> Self:
        """Return the document of a flow that somebody wrote."""
        return cls._like(flow, kind="saved")


class FlowViewDocument(Document):
    """A flow as it is shown: one of a plugin, or a saved one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "installed": {
                        "name": "check",
                        "description": "Whether all is well.",
                        "tasks": ["CheckT1"],
                    }
                },
                {"saved": {**_SAVED, "source": _SOURCE}},
            ]
        }
    )

    installed: FlowDocument | None = None
    saved: SavedFlowDocument | None = None
