from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.member_document import MemberDocument
from ...types import Response


def _get_kwargs(
    project_id: str,
    username: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/projects/{project_id}/members/{username}".format(
            project_id=quote(str(project_id), safe=""),
            username=quote(str(username), safe=""),
        ),
    }

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
) -> Response[MemberDocument]:
    """Remove a member from a project, or withdraw an invitation: the answer with its headers."""
    kwargs = _get_kwargs(
        project_id=project_id,
        username=username,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    project_id: str,
    username: str,
    *,
    client: AuthenticatedClient,
) -> MemberDocument:
    """Remove a member from a project, or withdraw an invitation."""
    kwargs = _get_kwargs(
        project_id=project_id,
        username=username,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
