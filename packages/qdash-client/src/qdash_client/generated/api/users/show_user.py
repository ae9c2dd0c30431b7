from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.user_document import UserDocument
from ...types import Response


def _get_kwargs(
    username: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/users/{username}".format(
            username=quote(str(username), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> UserDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return UserDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    username: str,
    *,
    client: AuthenticatedClient,
) -> Response[UserDocument]:
    """Show a user, with their projects: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    username: str,
    *,
    client: AuthenticatedClient,
) -> UserDocument:
    """Show a user, with their projects."""
    kwargs = _get_kwargs(
        username=username,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
