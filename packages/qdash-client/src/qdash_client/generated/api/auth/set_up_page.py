from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/auth/setup",
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
    """Show the page of a set-up link: the page of the dashboard, or instructions without it: the answer with its headers."""
    kwargs = _get_kwargs()
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient | Client,
) -> Any:
    """Show the page of a set-up link: the page of the dashboard, or instructions without it."""
    kwargs = _get_kwargs()
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
