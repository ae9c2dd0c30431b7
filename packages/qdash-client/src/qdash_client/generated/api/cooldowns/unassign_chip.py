from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cooldown_document import CooldownDocument
from ...types import Response


def _get_kwargs(
    cooldown_id: str,
    chip_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/cooldowns/{cooldown_id}/chips/{chip_id}".format(
            cooldown_id=quote(str(cooldown_id), safe=""),
            chip_id=quote(str(chip_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> CooldownDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CooldownDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cooldown_id: str,
    chip_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[CooldownDocument]:
    """Remove a chip from a cool-down, as if it had never been in it: the answer with its headers."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        chip_id=chip_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cooldown_id: str,
    chip_id: str,
    *,
    client: AuthenticatedClient,
) -> CooldownDocument:
    """Remove a chip from a cool-down, as if it had never been in it."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
        chip_id=chip_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
