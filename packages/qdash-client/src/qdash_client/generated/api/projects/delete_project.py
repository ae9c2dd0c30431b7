from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.deleted_project_document import DeletedProjectDocument
from ...types import Response


def _get_kwargs(
    project_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/projects/{project_id}".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> DeletedProjectDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return DeletedProjectDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[DeletedProjectDocument]:
    """Delete an empty project: the answer with its headers."""
    kwargs = _get_kwargs(
        project_id=project_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    project_id: str,
    *,
    client: AuthenticatedClient,
) -> DeletedProjectDocument:
    """Delete an empty project."""
    kwargs = _get_kwargs(
        project_id=project_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
