"""Operations with the tag `members`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.people import MemberDocument
    from qdash_core.resources.requests.accounts import InvitationRequest, RoleRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_members(
    project_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[MemberDocument]]:
    """List the members of a project by name, including invited and former ones."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client,
        "GET",
        f"/projects/{quote_segment(project_id)}/members",
        page_of(MemberDocument),
        params={"limit": limit, "after": after},
    )


@operation
def invite_member(
    project_id: str, *, client: AuthenticatedClient, body: InvitationRequest
) -> Response[MemberDocument]:
    """Invite a user to a project; they become a member once they accept."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client,
        "POST",
        f"/projects/{quote_segment(project_id)}/members",
        MemberDocument,
        status=201,
        body=body,
    )


@operation
def accept_invitation(project_id: str, *, client: AuthenticatedClient) -> Response[MemberDocument]:
    """Accept the invitation to a project."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client, "POST", f"/projects/{quote_segment(project_id)}/members/accept", MemberDocument
    )


@operation
def accept_only_invitation(*, client: AuthenticatedClient) -> Response[MemberDocument]:
    """Accept the invitation of the caller to a project, unless there are several."""
    from qdash_core.documents.people import MemberDocument

    return send_request(client, "POST", "/invitations/accept", MemberDocument)


@operation
def leave_project(project_id: str, *, client: AuthenticatedClient) -> Response[MemberDocument]:
    """Leave a project, or decline the invitation to it."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client, "POST", f"/projects/{quote_segment(project_id)}/members/leave", MemberDocument
    )


@operation
def show_member(project_id: str, username: str, *, client: AuthenticatedClient) -> Response[MemberDocument]:
    """Show a member of a project, or an invited user."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client,
        "GET",
        f"/projects/{quote_segment(project_id)}/members/{quote_segment(username)}",
        MemberDocument,
    )


@operation
def revoke_member(project_id: str, username: str, *, client: AuthenticatedClient) -> Response[MemberDocument]:
    """Remove a member from a project, or withdraw an invitation."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client,
        "DELETE",
        f"/projects/{quote_segment(project_id)}/members/{quote_segment(username)}",
        MemberDocument,
    )


@operation
def change_role(
    project_id: str,
    username: str,
    *,
    client: AuthenticatedClient,
    body: RoleRequest,
    if_match: str | Unset = UNSET,
) -> Response[MemberDocument]:
    """Change the role of a member or an invited user."""
    from qdash_core.documents.people import MemberDocument

    return send_request(
        client,
        "PATCH",
        f"/projects/{quote_segment(project_id)}/members/{quote_segment(username)}",
        MemberDocument,
        headers={"if-match": if_match},
        body=body,
    )
