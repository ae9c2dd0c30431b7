"""Operations with the tag `flows`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.flow_names import FlowNameDocument, FlowSourceDocument
    from qdash_core.documents.flow_problems import SourceReportDocument
    from qdash_core.documents.saved_flows import (
        CheckedSourceDocument,
        DeletedFlowDocument,
        FlowEntryDocument,
        FlowViewDocument,
        SavedFlowDocument,
    )
    from qdash_core.resources.requests.flows import FlowCopyRequest, FlowRequest, SourceRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_flows(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[FlowEntryDocument]]:
    """List the flows that can be run, by name."""
    from qdash_core.documents.saved_flows import FlowEntryDocument

    return send_request(
        client, "GET", "/flows", page_of(FlowEntryDocument), params={"limit": limit, "after": after}
    )


@operation
def list_saved_flows(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[SavedFlowDocument]]:
    """List the flows that members of the project saved, by name, without their sources."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client, "GET", "/saved-flows", page_of(SavedFlowDocument), params={"limit": limit, "after": after}
    )


@operation
def validate_flow(*, client: AuthenticatedClient, body: SourceRequest) -> Response[CheckedSourceDocument]:
    """Check a source without running or saving it: its syntax, entry function and parameters."""
    from qdash_core.documents.saved_flows import CheckedSourceDocument

    return send_request(client, "POST", "/flows/validate", CheckedSourceDocument, body=body)


@operation
def find_flow_problems(*, client: AuthenticatedClient, body: SourceRequest) -> Response[SourceReportDocument]:
    """List all problems of a source with their lines, without running or saving it."""
    from qdash_core.documents.flow_problems import SourceReportDocument

    return send_request(client, "POST", "/flows/problems", SourceReportDocument, body=body)


@operation
def list_flow_names(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[FlowNameDocument]]:
    """List the names that flows on a chip can use, with signatures: steps, targets, tasks of its backend,
    and run parameters."""
    from qdash_core.documents.flow_names import FlowNameDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/flow-names",
        page_of(FlowNameDocument),
        params={"limit": limit, "after": after},
    )


@operation
def show_flow(name: str, *, client: AuthenticatedClient) -> Response[FlowViewDocument]:
    """Show a flow: a plugin's with its tasks, a saved one with its source and parameters."""
    from qdash_core.documents.saved_flows import FlowViewDocument

    return send_request(client, "GET", f"/flows/{quote_segment(name)}", FlowViewDocument)


@operation
def save_flow(
    name: str, *, client: AuthenticatedClient, body: FlowRequest, if_match: str | Unset = UNSET
) -> Response[SavedFlowDocument]:
    """Check a flow, and save it as its next version. Only workers run it."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client,
        "PUT",
        f"/flows/{quote_segment(name)}",
        SavedFlowDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def delete_flow(name: str, *, client: AuthenticatedClient) -> Response[None]:
    """Delete a saved flow; its versions stay on record, and can be restored."""
    return send_request(client, "DELETE", f"/flows/{quote_segment(name)}", NoneType, status=204)


@operation
def show_flow_source(
    name: str, *, client: AuthenticatedClient, chip_id: str | Unset = UNSET
) -> Response[FlowSourceDocument]:
    """Show a source that does the same as a flow, as a start for another."""
    from qdash_core.documents.flow_names import FlowSourceDocument

    return send_request(
        client, "GET", f"/flows/{quote_segment(name)}/source", FlowSourceDocument, params={"chip_id": chip_id}
    )


@operation
def copy_flow(
    name: str, *, client: AuthenticatedClient, body: FlowCopyRequest
) -> Response[SavedFlowDocument]:
    """Save a flow that does the same as an installed or saved one, under a new name."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client, "POST", f"/flows/{quote_segment(name)}/copy", SavedFlowDocument, status=201, body=body
    )


@operation
def list_deleted_flows(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[DeletedFlowDocument]]:
    """List the deleted flows, last deleted first, each with its newest version."""
    from qdash_core.documents.saved_flows import DeletedFlowDocument

    return send_request(
        client, "GET", "/deleted-flows", page_of(DeletedFlowDocument), params={"limit": limit, "after": after}
    )


@operation
def show_deleted_flow(name: str, *, client: AuthenticatedClient) -> Response[DeletedFlowDocument]:
    """Show the newest version of a deleted flow, without its source."""
    from qdash_core.documents.saved_flows import DeletedFlowDocument

    return send_request(client, "GET", f"/deleted-flows/{quote_segment(name)}", DeletedFlowDocument)


@operation
def restore_deleted_flow(name: str, *, client: AuthenticatedClient) -> Response[SavedFlowDocument]:
    """Restore the newest version of a deleted flow as its next version."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(client, "POST", f"/deleted-flows/{quote_segment(name)}/restore", SavedFlowDocument)


@operation
def list_flow_versions(
    name: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[SavedFlowDocument]]:
    """List the versions of a saved flow, even if it was deleted, newest first."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client,
        "GET",
        f"/flows/{quote_segment(name)}/versions",
        page_of(SavedFlowDocument),
        params={"limit": limit, "after": after},
    )


@operation
def show_flow_version(name: str, version: int, *, client: AuthenticatedClient) -> Response[SavedFlowDocument]:
    """Show a version of a saved flow, with its source."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client, "GET", f"/flows/{quote_segment(name)}/versions/{quote_segment(version)}", SavedFlowDocument
    )


@operation
def restore_flow_version(
    name: str, version: int, *, client: AuthenticatedClient, if_match: str | Unset = UNSET
) -> Response[SavedFlowDocument]:
    """Save the source of a version of a flow, also of a deleted one, as its next version."""
    from qdash_core.documents.saved_flows import SavedFlowDocument

    return send_request(
        client,
        "POST",
        f"/flows/{quote_segment(name)}/versions/{quote_segment(version)}/restore",
        SavedFlowDocument,
        headers={"if-match": if_match},
    )
