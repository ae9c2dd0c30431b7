from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/docs",
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
) -> Response[Any]:
    """Return the API documentation as a Swagger UI page, which can also send requests: the answer with its headers."""
    kwargs = _get_kwargs()
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient | Client,
) -> Any:
    """Return the API documentation as a Swagger UI page, which can also send requests."""
    kwargs = _get_kwargs()
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
