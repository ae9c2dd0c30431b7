from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.set_up_link_document import SetUpLinkDocument
from ...types import Response


def _get_kwargs(
    username: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/users/{username}/setup-link".format(
            username=quote(str(username), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> SetUpLinkDocument:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SetUpLinkDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    username: str,
    *,
    client: AuthenticatedClient,
) -> Response[SetUpLinkDocument]:
    """Create a single-use link with which a user sets their password; an earlier link becomes invalid: the answer with its headers."""
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
) -> SetUpLinkDocument:
    """Create a single-use link with which a user sets their password; an earlier link becomes invalid."""
    kwargs = _get_kwargs(
        username=username,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
