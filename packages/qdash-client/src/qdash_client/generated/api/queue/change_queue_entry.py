from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.queue_change import QueueChange
from ...models.queue_entry_document import QueueEntryDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    execution_id: str,
    *,
    body: QueueChange,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/queue/{execution_id}".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> QueueEntryDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return QueueEntryDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    body: QueueChange,
    if_match: str | Unset = UNSET,
) -> Response[QueueEntryDocument]:
    """Move a waiting run in the queue, hold it, or release it: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    body: QueueChange,
    if_match: str | Unset = UNSET,
) -> QueueEntryDocument:
    """Move a waiting run in the queue, hold it, or release it."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
