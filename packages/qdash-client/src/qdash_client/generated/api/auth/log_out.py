from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/auth/logout",
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 204:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def _build_response(*, response: httpx.Response) -> Response[Any]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Log out: the token of this request holds no longer: the answer with its headers."""
    kwargs = _get_kwargs()
    return _build_response(response=client.get_httpx_client().request(**kwargs))


def sync(
    *,
    client: AuthenticatedClient,
) -> Any:
    """Log out: the token of this request holds no longer."""
    kwargs = _get_kwargs()
    return _parse_response(response=client.get_httpx_client().request(**kwargs))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Log out: the token of this request holds no longer: the answer with its headers."""
    kwargs = _get_kwargs()
    return _build_response(response=await client.get_async_httpx_client().request(**kwargs))


async def asyncio(
    *,
    client: AuthenticatedClient,
) -> Any:
    """Log out: the token of this request holds no longer."""
    kwargs = _get_kwargs()
    return _parse_response(response=await client.get_async_httpx_client().request(**kwargs))
