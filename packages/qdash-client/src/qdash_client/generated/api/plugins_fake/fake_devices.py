from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.devices_document import DevicesDocument
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/plugins/fake/devices",
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> DevicesDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = DevicesDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[DevicesDocument]:
    """List the devices that twins can be made from: the answer with its headers."""
    kwargs = _get_kwargs()
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
) -> DevicesDocument:
    """List the devices that twins can be made from."""
    kwargs = _get_kwargs()
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
