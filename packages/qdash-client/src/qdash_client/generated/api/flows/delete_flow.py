from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import Response


def _get_kwargs(
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/flows/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 204:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Delete a saved flow; its versions stay on record: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """Delete a saved flow; its versions stay on record."""
    kwargs = _get_kwargs(
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
