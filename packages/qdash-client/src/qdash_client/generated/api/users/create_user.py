from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.user_document import UserDocument
from ...models.user_request import UserRequest
from ...types import Response


def _get_kwargs(
    *,
    body: UserRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/users",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> UserDocument:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return UserDocument.model_validate_json(response.content, extra="ignore")


def _build_response(*, response: httpx.Response) -> Response[UserDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> Response[UserDocument]:
    """Make a user, who is a member of no project yet: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _build_response(response=client.get_httpx_client().request(**kwargs))


def sync(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> UserDocument:
    """Make a user, who is a member of no project yet."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> Response[UserDocument]:
    """Make a user, who is a member of no project yet: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _build_response(response=await client.get_async_httpx_client().request(**kwargs))


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> UserDocument:
    """Make a user, who is a member of no project yet."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=await client.get_async_httpx_client().request(**kwargs))
