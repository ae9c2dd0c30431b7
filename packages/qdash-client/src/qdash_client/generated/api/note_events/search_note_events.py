import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_note_event_document import PageOfNoteEventDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    q: str,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["q"] = q

    params["limit"] = limit

    params["after"] = after

    json_since: str | Unset = UNSET
    if not isinstance(since, Unset):
        json_since = since.isoformat()
    params["since"] = json_since

    json_until: str | Unset = UNSET
    if not isinstance(until, Unset):
        json_until = until.isoformat()
    params["until"] = json_until

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/note-events/search",
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfNoteEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfNoteEventDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    *,
    client: AuthenticatedClient,
    q: str,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[PageOfNoteEventDocument]:
    """List the edits of notes in the project whose text contains these words, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        q=q,
        limit=limit,
        after=after,
        since=since,
        until=until,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    q: str,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> PageOfNoteEventDocument:
    """List the edits of notes in the project whose text contains these words, newest first."""
    kwargs = _get_kwargs(
        q=q,
        limit=limit,
        after=after,
        since=since,
        until=until,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
