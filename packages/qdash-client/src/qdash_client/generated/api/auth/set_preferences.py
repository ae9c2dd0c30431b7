from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.preferences_request import PreferencesRequest
from ...models.user_document import UserDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: PreferencesRequest,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/auth/me",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> UserDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return UserDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PreferencesRequest,
    if_match: str | Unset = UNSET,
) -> Response[UserDocument]:
    """Change the caller's display name, default project, time zone or theme: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: PreferencesRequest,
    if_match: str | Unset = UNSET,
) -> UserDocument:
    """Change the caller's display name, default project, time zone or theme."""
    kwargs = _get_kwargs(
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
