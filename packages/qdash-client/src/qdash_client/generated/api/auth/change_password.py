from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.password_request import PasswordRequest
from ...types import Response


def _get_kwargs(
    *,
    body: PasswordRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/auth/password",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
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
    body: PasswordRequest,
) -> Response[Any]:
    """Change one's password; what one has logged in to elsewhere ends: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _build_response(response=client.get_httpx_client().request(**kwargs))


def sync(
    *,
    client: AuthenticatedClient,
    body: PasswordRequest,
) -> Any:
    """Change one's password; what one has logged in to elsewhere ends."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PasswordRequest,
) -> Response[Any]:
    """Change one's password; what one has logged in to elsewhere ends: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _build_response(response=await client.get_async_httpx_client().request(**kwargs))


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PasswordRequest,
) -> Any:
    """Change one's password; what one has logged in to elsewhere ends."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=await client.get_async_httpx_client().request(**kwargs))
