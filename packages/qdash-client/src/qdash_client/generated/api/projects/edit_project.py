from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.project_document import ProjectDocument
from ...models.project_edit import ProjectEdit
from ...types import UNSET, Response, Unset


def _get_kwargs(
    project_id: str,
    *,
    body: ProjectEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/projects/{project_id}".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ProjectDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ProjectDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: ProjectEdit,
    if_match: str | Unset = UNSET,
) -> Response[ProjectDocument]:
    """Change the name, description or tags of a project: the answer with its headers."""
    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: ProjectEdit,
    if_match: str | Unset = UNSET,
) -> ProjectDocument:
    """Change the name, description or tags of a project."""
    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
