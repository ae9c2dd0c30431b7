"""Operations with the tag `audit`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.audit import AuditDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_audit(
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    action: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    project_id: str | Unset = UNSET,
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
            "action": action,
            "subject": subject,
            "since": since,
            "until": until,
            "project_id": project_id,
            "limit": limit,
            "after": after,
        },
    )


@operation
def audit_file(
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    action: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    project_id: str | Unset = UNSET,
) -> Response[None]:
    """Download the requests of all projects that may have changed something as CSV, newest first, at most
    10,000."""
    return send_request(
        client,
        "GET",
        "/audit/file",
        NoneType,
        params={
            "username": username,
            "action": action,
            "subject": subject,
            "since": since,
            "until": until,
            "project_id": project_id,
        },
    )


@operation
def audit_of_project(
    project_id: str,
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    action: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
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
        params={
            "username": username,
            "action": action,
            "subject": subject,
            "since": since,
            "until": until,
            "limit": limit,
            "after": after,
        },
    )


@operation
def audit_file_of_project(
    project_id: str,
    *,
    client: AuthenticatedClient,
    username: str | Unset = UNSET,
    action: str | Unset = UNSET,
    subject: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[None]:
    """Download the requests that may have changed something in a project as CSV, newest first, at most
    10,000."""
    return send_request(
        client,
        "GET",
        f"/projects/{quote_segment(project_id)}/audit/file",
        NoneType,
        params={"username": username, "action": action, "subject": subject, "since": since, "until": until},
    )
