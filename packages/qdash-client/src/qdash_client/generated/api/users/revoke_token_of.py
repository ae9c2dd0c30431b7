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


def sync_detailed(
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Revoke a token of a user: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    username: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """Revoke a token of a user."""
    kwargs = _get_kwargs(
        username=username,
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
