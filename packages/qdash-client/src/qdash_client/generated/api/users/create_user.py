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


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> Response[UserDocument]:
    """Create a user with a personal project, which becomes their default project: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: UserRequest,
) -> UserDocument:
    """Create a user with a personal project, which becomes their default project."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
