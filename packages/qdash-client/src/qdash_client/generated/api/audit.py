"""Operations with the tag `audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_client.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_client.generated.client import AuthenticatedClient
    from qdash_core.documents.audit import AuditDocument


@operation
def list_audit(
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[AuditDocument]]:
    """List requests of all projects that may have changed something, newest first."""
    from qdash_core.documents.audit import AuditDocument

    return send_request(
        client,
        "GET",
        "/audit",
        page_of(AuditDocument),
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
) -> Response[PageOf[AuditDocument]]:
    """List requests that may have changed something in a project, newest first."""
    from qdash_core.documents.audit import AuditDocument

    return send_request(
        client,
        "GET",
        f"/projects/{quote_segment(project_id)}/audit",
        page_of(AuditDocument),
        params={"username": username, "since": since, "limit": limit, "after": after},
    )
