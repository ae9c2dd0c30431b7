from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.note_document import NoteDocument
from ...types import Response


def _get_kwargs(
    cooldown_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cooldowns/{cooldown_id}/note".format(
            cooldown_id=quote(str(cooldown_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> NoteDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return NoteDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[NoteDocument]:
    """Show the note on a cool-down: the answer with its headers."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cooldown_id: str,
    *,
    client: AuthenticatedClient,
) -> NoteDocument:
    """Show the note on a cool-down."""
    kwargs = _get_kwargs(
        cooldown_id=cooldown_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
