import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_result_document import PageOfResultDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["after"] = after

    params["cooldown_id"] = cooldown_id

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
        "url": "/chips/{chip_id}/noted-results".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfResultDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfResultDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[PageOfResultDocument]:
    """List the results of a chip that have a note, newest note first; a page may have fewer than `limit`: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        limit=limit,
        after=after,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> PageOfResultDocument:
    """List the results of a chip that have a note, newest note first; a page may have fewer than `limit`."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        limit=limit,
        after=after,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
