from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.note_event_document import NoteEventDocument
from ...types import Response


def _get_kwargs(
    seq: int,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/note-events/{seq}".format(
            seq=quote(str(seq), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> NoteEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return NoteEventDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    seq: int,
    *,
    client: AuthenticatedClient,
) -> Response[NoteEventDocument]:
    """Show one edit of a note: the answer with its headers."""
    kwargs = _get_kwargs(
        seq=seq,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    seq: int,
    *,
    client: AuthenticatedClient,
) -> NoteEventDocument:
    """Show one edit of a note."""
    kwargs = _get_kwargs(
        seq=seq,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
