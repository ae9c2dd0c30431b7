from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import Response


def _get_kwargs(
    username: str,
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/users/{username}/tokens/{name}".format(
            username=quote(str(username), safe=""),
            name=quote(str(name), safe=""),
        ),
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
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """End a token of a user: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    return _build_response(response=client.get_httpx_client().request(**kwargs))


def sync(
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """End a token of a user."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))


async def asyncio_detailed(
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """End a token of a user: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    return _build_response(response=await client.get_async_httpx_client().request(**kwargs))


async def asyncio(
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """End a token of a user."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    return _parse_response(response=await client.get_async_httpx_client().request(**kwargs))
