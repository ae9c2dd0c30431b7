from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cooldown_document import CooldownDocument
from ...models.cooldown_edit import CooldownEdit
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cooldown_id: str,
    *,
    body: CooldownEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/cooldowns/{cooldown_id}".format(
            cooldown_id=quote(str(cooldown_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> CooldownDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CooldownDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
    body: CooldownEdit,
    if_match: str | Unset = UNSET,
) -> Response[CooldownDocument]:
    """Correct a cool-down; a new end time ends it: the answer with its headers."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
    body: CooldownEdit,
    if_match: str | Unset = UNSET,
) -> CooldownDocument:
    """Correct a cool-down; a new end time ends it."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
