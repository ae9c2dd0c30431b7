"""Operations of flows, of plugins and of users. The host runs no code of users."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.flows.author_names import list_author_names
from qdash_builtin.flows.catalogue import find_flow
from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.flows.requests import FlowCopyRequest, FlowRequest, SourceRequest
from qdash_builtin.flows.template_source import copy_flow as save_copy
from qdash_builtin.flows.template_source import find_flow_source
from qdash_builtin.flows.views.flow_names import FlowNameDocument, FlowSourceDocument
from qdash_builtin.flows.views.flow_problems import SourceReportDocument
from qdash_builtin.flows.views.flows import FlowDocument
from qdash_builtin.flows.views.saved_flows import (
    CheckedSourceDocument,
    DeletedFlowDocument,
    FlowEntryDocument,
    FlowViewDocument,
    SavedFlowDocument,
)
from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_builtin.runs.feature import RUNS
from qdash_core.documents.pages import PageOf
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.base import NEVER
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("flows", place=470)

_Chip = Annotated[
    str | None,
    Field(
        max_length=128,
        description="Chip: a plugin's flow has the tasks that it runs there; absent: all of them.",
    ),
]
_Version = Annotated[int, Field(ge=1, lt=2**31, description="Number of a version.")]
_WHICH_VERSION = "Version to restore; default: the newest of a deleted flow."
_SAVED = "{name} version {version}: `qdash calibrate CHIP --flow {name}` runs it"


@operations.get("/flows", needs=RequiredRole.VIEWER, for_assistants=True)
def list_flows(call: Call) -> PageOf[FlowEntryDocument]:
    """List the flows that can be run, by name."""
    registry = call.qdash.registry
    installed = [FlowEntryDocument.from_template(one, registry) for one in registry.flows().values()]
    saved = [
        FlowEntryDocument.from_record(one, kind="saved")
        for one in call.qdash.get(SAVED_FLOWS).list_by_project(call.access)
    ]
    page = Page.from_all_items([*installed, *saved], call.page, lambda one: (one.name, one.kind))
    return PageOf[FlowEntryDocument].from_page(page, lambda one: one)


@operations.get("/saved-flows", needs=RequiredRole.VIEWER)
def list_saved_flows(call: Call) -> PageOf[SavedFlowDocument]:
    """List the flows that members of the project saved, by name, without their sources."""
    page = Page.from_all_items(
        call.qdash.get(SAVED_FLOWS).list_by_project(call.access), call.page, lambda one: (one.name,)
    )
    return PageOf[SavedFlowDocument].from_page(page, SavedFlowDocument.from_flow)


@operations.post("/flows/validate", needs=RequiredRole.VIEWER, slow=True, reads=True)
def validate_flow(call: Call, body: SourceRequest) -> CheckedSourceDocument:
    """Check a source without running or saving it: its syntax, entry function and parameters."""
    return CheckedSourceDocument.from_source(
        call.qdash.get(SAVED_FLOWS).check_source(call.access, body.source, body.function)
    )


@operations.post("/flows/problems", needs=RequiredRole.VIEWER, slow=True, reads=True)
def find_flow_problems(call: Call, body: SourceRequest) -> SourceReportDocument:
    """List all problems of a source with their lines, without running or saving it."""
    report = call.qdash.get(SAVED_FLOWS).report_source(call.access, body.source, body.function)
    return SourceReportDocument.from_report(
        report, call.qdash.get(SAVED_FLOWS).find_save_obstacle(call.access)
    )


@operations.get("/chips/{chip_id}/flow-names", needs=RequiredRole.VIEWER)
def list_flow_names(call: Call, chip_id: ChipId) -> PageOf[FlowNameDocument]:
    """List the names that flows on a chip can use, with signatures: steps, targets, tasks of its backend, and run parameters."""
    catalogue = call.qdash.get(RUNS).get_catalogue(call.access, chip_id)
    found = list_author_names(catalogue.offered.values())
    page = Page.from_all_items(found, call.page, lambda one: (one.kind, one.name))
    return PageOf[FlowNameDocument].from_page(page, FlowNameDocument.from_record)


@operations.get("/flows/{name}", needs=RequiredRole.VIEWER, versioned=True, for_assistants=True)
def show_flow(call: Call, name: Name) -> FlowViewDocument:
    """Show a flow: a plugin's with its tasks, a saved one with its source and parameters."""
    found = find_flow(call.access, name, registry=call.qdash.registry, saved=call.qdash.get(SAVED_FLOWS))
    if isinstance(found, FlowTemplate):
        return FlowViewDocument(installed=FlowDocument.from_template(found, call.qdash.registry))
    call.set_changed_at(found.updated_at)
    obstacle = call.qdash.get(SAVED_FLOWS).find_save_obstacle(call.access)
    return FlowViewDocument(saved=SavedFlowDocument.from_version(found), save_obstacle=obstacle)


@operations.get("/flows/{name}/source", needs=RequiredRole.VIEWER)
def show_flow_source(call: Call, name: Name, chip_id: _Chip = None) -> FlowSourceDocument:
    """Show a source that does the same as a flow, as a start for another."""
    source = find_flow_source(
        call.qdash, call.access, name, saved=call.qdash.get(SAVED_FLOWS), chip_id=chip_id
    )
    return FlowSourceDocument(name=name, source=source)


@operations.put("/flows/{name}", needs=RequiredRole.EDITOR, slow=True, edits=True)
def save_flow(call: Call, name: Name, body: FlowRequest) -> SavedFlowDocument:
    """Check a flow, and save it as its next version. Only workers run it."""
    saved = call.qdash.get(SAVED_FLOWS).save(
        call.access,
        name,
        body.source,
        function=body.function,
        chip_id=body.chip_id,
        description=body.description,
        tags=body.tags,
        as_of=call.as_of,
    )
    call.set_changed_at(saved.updated_at)
    return SavedFlowDocument.from_flow(saved)


@operations.post(
    "/flows/{name}/copy",
    needs=RequiredRole.EDITOR,
    status=201,
    slow=True,
    command=Command("flow copy", says=_SAVED),
)
def copy_flow(call: Call, name: Name, body: FlowCopyRequest) -> SavedFlowDocument:
    """Save a flow that does the same as an installed or saved one, under a new name."""
    saved = save_copy(
        call.qdash, call.access, name, body.name, saved=call.qdash.get(SAVED_FLOWS), chip_id=body.chip_id
    )
    return SavedFlowDocument.from_flow(saved)


@operations.delete(
    "/flows/{name}",
    needs=RequiredRole.EDITOR,
    command=Command("flow delete", says="flow {name} was deleted: `qdash flow restore {name}` restores it"),
)
def delete_flow(call: Call, name: Name) -> DeletedFlowDocument:
    """Delete a saved flow; its versions stay on record, and can be restored."""
    call.qdash.get(SAVED_FLOWS).delete(call.access, name)
    return show_deleted_flow(call, name)


@operations.get("/deleted-flows", needs=RequiredRole.VIEWER)
def list_deleted_flows(call: Call) -> PageOf[DeletedFlowDocument]:
    """List the deleted flows, last deleted first, each with its newest version."""
    found = call.qdash.get(SAVED_FLOWS).list_deleted(call.access)
    obstacle = call.qdash.get(SAVED_FLOWS).find_save_obstacle(call.access)
    page = Page.from_all_items(
        found, call.page, lambda one: (-(one.deleted_at or NEVER).timestamp(), one.name)
    )
    return PageOf[DeletedFlowDocument].from_page(
        page, lambda one: DeletedFlowDocument.from_deleted(one, obstacle)
    )


@operations.get("/deleted-flows/{name}", needs=RequiredRole.VIEWER)
def show_deleted_flow(call: Call, name: Name) -> DeletedFlowDocument:
    """Show the newest version of a deleted flow, without its source."""
    found = call.qdash.get(SAVED_FLOWS).get_deleted(call.access, name)
    return DeletedFlowDocument.from_deleted(
        found, call.qdash.get(SAVED_FLOWS).find_save_obstacle(call.access)
    )


@operations.post(
    "/deleted-flows/{name}/restore",
    needs=RequiredRole.EDITOR,
    slow=True,
    command=Command("flow restore", says=_SAVED),
)
def restore_deleted_flow(
    call: Call,
    name: Name,
    version: Annotated[_Version | None, OnCommandLine(metavar="N", help=_WHICH_VERSION)] = None,
) -> SavedFlowDocument:
    """Restore a deleted flow, or an older version of a flow, as its next version.

    `qdash flow list --deleted` lists deleted flows, `qdash flow versions NAME` lists versions.
    """
    return SavedFlowDocument.from_flow(call.qdash.get(SAVED_FLOWS).restore(call.access, name, version))


@operations.get("/flows/{name}/versions", needs=RequiredRole.VIEWER)
def list_flow_versions(call: Call, name: Name) -> PageOf[SavedFlowDocument]:
    """List the versions of a saved flow, even if it was deleted, newest first."""
    found = call.qdash.get(SAVED_FLOWS).get_versions_page(call.access, name, call.page)
    return PageOf[SavedFlowDocument].from_page(found, SavedFlowDocument.from_flow)


@operations.get("/flows/{name}/versions/{version}", needs=RequiredRole.VIEWER)
def show_flow_version(call: Call, name: Name, version: _Version) -> SavedFlowDocument:
    """Show a version of a saved flow, with its source."""
    return SavedFlowDocument.from_version(call.qdash.get(SAVED_FLOWS).get_version(call.access, name, version))


@operations.post(
    "/flows/{name}/versions/{version}/restore",
    needs=RequiredRole.EDITOR,
    slow=True,
    edits=True,
)
def restore_flow_version(call: Call, name: Name, version: _Version) -> SavedFlowDocument:
    """Save the source of a version of a flow, also of a deleted one, as its next version."""
    saved = call.qdash.get(SAVED_FLOWS).restore(call.access, name, version, as_of=call.as_of)
    call.set_changed_at(saved.updated_at)
    return SavedFlowDocument.from_flow(saved)
