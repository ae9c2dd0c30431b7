from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.closing_request import ClosingRequest
from ...models.value_scope_document import ValueScopeDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    name: str,
    *,
    body: ClosingRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/chips/{chip_id}/value-scopes/{name}/commit".format(
            chip_id=quote(str(chip_id), safe=""),
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ValueScopeDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ValueScopeDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: ClosingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueScopeDocument]:
    """Make the values and statuses of a scope the chip's, as one value event. Values of the chip that were measured later stay: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
        body=body,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    body: ClosingRequest,
    idempotency_key: str | Unset = UNSET,
) -> ValueScopeDocument:
    """Make the values and statuses of a scope the chip's, as one value event. Values of the chip that were measured later stay."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
        body=body,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
