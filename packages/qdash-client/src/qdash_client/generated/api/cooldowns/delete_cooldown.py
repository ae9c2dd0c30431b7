from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cooldown_document import CooldownDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cooldown_id: str,
    *,
    force: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["force"] = force

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/cooldowns/{cooldown_id}".format(
            cooldown_id=quote(str(cooldown_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> CooldownDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CooldownDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
) -> Response[CooldownDocument]:
    """Delete a cool-down without recorded results: the answer with its headers."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        force=force,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
) -> CooldownDocument:
    """Delete a cool-down without recorded results."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        force=force,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
