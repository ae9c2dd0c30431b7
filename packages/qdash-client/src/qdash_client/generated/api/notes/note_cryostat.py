from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.note_document import NoteDocument
from ...models.note_request import NoteRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cryo_id: str,
    *,
    body: NoteRequest,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/cryostats/{cryo_id}/note".format(
            cryo_id=quote(str(cryo_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> NoteDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return NoteDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a cryostat: the answer with its headers."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    if_match: str | Unset = UNSET,
) -> NoteDocument:
    """Write the note on a cryostat."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
