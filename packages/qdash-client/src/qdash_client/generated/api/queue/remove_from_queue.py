from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.queue_change_document import QueueChangeDocument
from ...types import Response


def _get_kwargs(
    execution_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/queue/{execution_id}".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> QueueChangeDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return QueueChangeDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[QueueChangeDocument]:
    """Remove a waiting run from the queue: a new run is cancelled, a resumed one keeps its earlier status: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
) -> QueueChangeDocument:
    """Remove a waiting run from the queue: a new run is cancelled, a resumed one keeps its earlier status."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
