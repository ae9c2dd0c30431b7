from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.project_document import ProjectDocument
from ...models.transfer_request import TransferRequest
from ...types import Response


def _get_kwargs(
    project_id: str,
    *,
    body: TransferRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/projects/{project_id}/transfer".format(
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
    body: TransferRequest,
) -> Response[ProjectDocument]:
    """Transfer a project to another member: the answer with its headers."""
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
    body: TransferRequest,
) -> ProjectDocument:
    """Transfer a project to another member."""
    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
