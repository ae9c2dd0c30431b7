from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.off_boarding_document import OffBoardingDocument
from ...models.off_boarding_request import OffBoardingRequest
from ...types import Response


def _get_kwargs(
    username: str,
    *,
    body: OffBoardingRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/users/{username}/off-boarding".format(
            username=quote(str(username), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> OffBoardingDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return OffBoardingDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    username: str,
    *,
    client: AuthenticatedClient,
    body: OffBoardingRequest,
) -> Response[OffBoardingDocument]:
    """Off-board a user: disable the account, revoke memberships and tokens; their records stay: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    username: str,
    *,
    client: AuthenticatedClient,
    body: OffBoardingRequest,
) -> OffBoardingDocument:
    """Off-board a user: disable the account, revoke memberships and tokens; their records stay."""
    kwargs = _get_kwargs(
        username=username,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
