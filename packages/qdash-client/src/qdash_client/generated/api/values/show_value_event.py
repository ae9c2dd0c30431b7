from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.value_event_document import ValueEventDocument
from ...types import Response


def _get_kwargs(
    number: int,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/value-events/{number}".format(
            number=quote(str(number), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ValueEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ValueEventDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    number: int,
    *,
    client: AuthenticatedClient,
) -> Response[ValueEventDocument]:
    """Show a value event with the values before and after it: the answer with its headers."""
    kwargs = _get_kwargs(
        number=number,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    number: int,
    *,
    client: AuthenticatedClient,
) -> ValueEventDocument:
    """Show a value event with the values before and after it."""
    kwargs = _get_kwargs(
        number=number,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
