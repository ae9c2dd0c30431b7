from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.user_document import UserDocument
from ...models.user_edit import UserEdit
from ...types import UNSET, Response, Unset


def _get_kwargs(
    username: str,
    *,
    body: UserEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/users/{username}".format(
            username=quote(str(username), safe=""),
        ),
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
    username: str,
    *,
    client: AuthenticatedClient,
    body: UserEdit,
    if_match: str | Unset = UNSET,
) -> Response[UserDocument]:
    """Change the display name of a user, or disable or enable them: the answer with its headers."""
    kwargs = _get_kwargs(
        username=username,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    username: str,
    *,
    client: AuthenticatedClient,
    body: UserEdit,
    if_match: str | Unset = UNSET,
) -> UserDocument:
    """Change the display name of a user, or disable or enable them."""
    kwargs = _get_kwargs(
        username=username,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
