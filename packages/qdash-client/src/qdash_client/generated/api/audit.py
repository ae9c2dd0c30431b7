"""Operations with the tag `audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, quote_segment, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.audit import AuditDocument

if TYPE_CHECKING:
    import datetime

    from qdash_client.generated.client import AuthenticatedClient

PageOfAuditDocument = PageOf[AuditDocument]


@operation
def list_audit(
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfAuditDocument]:
    """List requests of all projects that may have changed something, newest first."""
    return send_request(
        client,
        "GET",
        "/audit",
        PageOfAuditDocument,
        params={
            "username": username,
            "project_id": project_id,
            "since": since,
            "limit": limit,
            "after": after,
        },
    )


@operation
def audit_of_project(
    project_id: str,
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfAuditDocument]:
    """List requests that may have changed something in a project, newest first."""
    return send_request(
        client,
        "GET",
        f"/projects/{quote_segment(project_id)}/audit",
        PageOfAuditDocument,
        params={"username": username, "since": since, "limit": limit, "after": after},
    )
