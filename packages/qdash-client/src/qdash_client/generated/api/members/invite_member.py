from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.invitation_request import InvitationRequest
from ...models.member_document import MemberDocument
from ...types import Response


def _get_kwargs(
    project_id: str,
    *,
    body: InvitationRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/members".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> MemberDocument:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return MemberDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: InvitationRequest,
) -> Response[MemberDocument]:
    """Invite a user to a project; they become a member once they accept: the answer with its headers."""
    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: InvitationRequest,
) -> MemberDocument:
    """Invite a user to a project; they become a member once they accept."""
    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
