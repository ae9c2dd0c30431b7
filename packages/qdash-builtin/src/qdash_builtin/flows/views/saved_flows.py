"""View models of the flows that users write, with their versions and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AliasPath, Field

from qdash_builtin.flows.views.flows import FlowDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.flows.flow_sources import CheckedSource
    from qdash_builtin.flows.model import FlowForm, FlowModel, FlowVersionModel
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.manager import Registry


class FlowFormDocument(Document):
    """The parameters of a flow's function."""

    parameters: dict[str, Any]
    """JSON Schema of `parameters` in a request, without the arguments in `given`."""
    given: list[str]
    """Arguments that the run fills in from the other fields of the request."""

    @classmethod
    def from_form(cls, form: FlowForm) -> Self:
        """Return the view model of a form."""
        required = [name for name in form.parameters["required"] if name not in form.given]
        return cls(parameters=form.parameters | {"required": required}, given=list(form.given))


class CheckedSourceDocument(Document):
    """A source that parses as Python and has a function to run. None of its code was run."""

    function: str
    description: str
    sha256: str
    form: FlowFormDocument

    @classmethod
    def from_source(cls, checked: CheckedSource) -> Self:
        """Return the view model of a checked source."""
        return cls.from_record(checked, form=FlowFormDocument.from_form(checked.form))


class SavedFlowDocument(Document):
    """One version of a flow that a user wrote."""

    name: str
    version: int
    username: str
    """The author of this version."""
    chip_id: str
    """The chip for which it was written; empty if each run names one."""
    description: str
    function: str = Field(validation_alias=AliasPath("flow_function_name"))
    """The entry function."""
    tags: list[str]
    sha256: OmitEmpty[str] = None
    """Hash of the UTF-8 source; absent if the code is in a file and not stored."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    form: FlowFormDocument | None = None
    source: OmitEmpty[str] = None
    """Present if a single version is shown."""
    deleted_by: OmitEmpty[str] = None
    """The user who deleted the flow when this was its newest version."""
    deleted_at: UtcDatetime | None = None
    """Time of that deletion; absent if there was none, or an earlier version of QDash deleted it."""

    @classmethod
    def from_flow(cls, flow: FlowModel) -> Self:
        """Return the view model of a flow or of one of its versions, without the source."""
        form = None if flow.form is None else FlowFormDocument.from_form(flow.form)
        return cls.from_record(flow, form=form, source=None)

    @classmethod
    def from_version(cls, version: FlowVersionModel) -> Self:
        """Return the view model of a version with its source."""
        return cls.from_flow(version).model_copy(update={"source": version.source or None})


class DeletedFlowDocument(SavedFlowDocument):
    """The newest version of a deleted flow."""

    restore_obstacle: str | None = None
    """Reason why the caller may not restore it; absent if they may."""

    @classmethod
    def from_deleted(cls, version: FlowVersionModel, restore_obstacle: str | None) -> Self:
        """Return the view model of a deleted flow for a user."""
        return cls.from_flow(version).model_copy(update={"restore_obstacle": restore_obstacle})


class FlowEntryDocument(Document):
    """A flow that can be requested by name."""

    name: str
    kind: Literal["installed", "saved"]
    """`installed` if a plugin provides it; `saved` if a member of the project wrote it."""
    description: str
    version: int | None = None
    username: str | None = None
    tags: list[str] | None = None
    updated_at: UtcDatetime | None = None
    tasks: list[str] | None = None
    """Tasks of an installed flow, in order."""

    @classmethod
    def from_template(cls, template: FlowTemplate, registry: Registry) -> Self:
        """Return the view model of a plugin's flow."""
        tasks = FlowDocument.from_template(template, registry).tasks
        return cls(name=template.name, kind="installed", description=template.description, tasks=tasks)


class FlowViewDocument(Document):
    """One flow: either from a plugin or saved by a user."""

    installed: FlowDocument | None = None
    saved: SavedFlowDocument | None = None
    save_obstacle: str | None = None
    """Reason why the caller may not save, restore or delete a saved flow; absent if they may."""
