from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.refit_preview_document import RefitPreviewDocument
from ...models.refit_preview_request import RefitPreviewRequest
from ...types import Response


def _get_kwargs(
    task_id: str,
    *,
    body: RefitPreviewRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/task-results/{task_id}/refit-preview".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> RefitPreviewDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return RefitPreviewDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: RefitPreviewRequest,
) -> Response[RefitPreviewDocument]:
    """Analyse the raw data of a task result again, and compare both without recording anything: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: RefitPreviewRequest,
) -> RefitPreviewDocument:
    """Analyse the raw data of a task result again, and compare both without recording anything."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
