from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.member_document import MemberDocument
from ...models.role_request import RoleRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    project_id: str,
    username: str,
    *,
    body: RoleRequest,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/projects/{project_id}/members/{username}".format(
            project_id=quote(str(project_id), safe=""),
            username=quote(str(username), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> MemberDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return MemberDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    project_id: str,
    username: str,
    *,
    client: AuthenticatedClient,
    body: RoleRequest,
    if_match: str | Unset = UNSET,
) -> Response[MemberDocument]:
    """Change the role of a member or an invited user: the answer with its headers."""
    kwargs = _get_kwargs(
        project_id=project_id,
        username=username,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    project_id: str,
    username: str,
    *,
    client: AuthenticatedClient,
    body: RoleRequest,
    if_match: str | Unset = UNSET,
) -> MemberDocument:
    """Change the role of a member or an invited user."""
    kwargs = _get_kwargs(
        project_id=project_id,
        username=username,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
