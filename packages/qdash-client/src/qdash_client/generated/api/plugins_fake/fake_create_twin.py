from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.new_twin_document import NewTwinDocument
from ...models.twin_request import TwinRequest
from ...types import Response


def _get_kwargs(
    *,
    body: TwinRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/plugins/fake/twins",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> NewTwinDocument:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_201 = NewTwinDocument.from_dict(response.json())

    return response_201


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: TwinRequest,
) -> Response[NewTwinDocument]:
    """Create a twin and its chip: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: TwinRequest,
) -> NewTwinDocument:
    """Create a twin and its chip."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
