from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.undo_request import UndoRequest
from ...models.value_event_document import ValueEventDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    number: int,
    *,
    body: UndoRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/value-events/{number}/undo".format(
            number=quote(str(number), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ValueEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ValueEventDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    number: int,
    *,
    client: AuthenticatedClient,
    body: UndoRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Undo a value event; 409 with the later events if one of its values has changed since: the answer with its headers."""
    kwargs = _get_kwargs(
        number=number,
        body=body,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    number: int,
    *,
    client: AuthenticatedClient,
    body: UndoRequest,
    idempotency_key: str | Unset = UNSET,
) -> ValueEventDocument:
    """Undo a value event; 409 with the later events if one of its values has changed since."""
    kwargs = _get_kwargs(
        number=number,
        body=body,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
