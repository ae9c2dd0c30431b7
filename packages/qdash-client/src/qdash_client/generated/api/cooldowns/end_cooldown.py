from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cooldown_document import CooldownDocument
from ...models.end_request import EndRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cooldown_id: str,
    *,
    body: EndRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/cooldowns/{cooldown_id}/end".format(
            cooldown_id=quote(str(cooldown_id), safe=""),
        ),
    }

    if isinstance(body, EndRequest):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body

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
    body: EndRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[CooldownDocument]:
    """End a cool-down, and unload its chips: the answer with its headers."""
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
    body: EndRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> CooldownDocument:
    """End a cool-down, and unload its chips."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
