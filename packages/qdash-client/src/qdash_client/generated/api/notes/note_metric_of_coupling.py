import datetime
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
    chip: str,
    coupling_id: str,
    metric_key: str,
    *,
    body: NoteRequest,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    params: dict[str, Any] = {}

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
        "method": "put",
        "url": "/chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}".format(
            chip=quote(str(chip), safe=""),
            coupling_id=quote(str(coupling_id), safe=""),
            metric_key=quote(str(metric_key), safe=""),
        ),
        "params": params,
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
    chip: str,
    coupling_id: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a metric of a coupling for a period: the answer with its headers."""
    kwargs = _get_kwargs(
        chip=chip,
        coupling_id=coupling_id,
        metric_key=metric_key,
        body=body,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip: str,
    coupling_id: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> NoteDocument:
    """Write the note on a metric of a coupling for a period."""
    kwargs = _get_kwargs(
        chip=chip,
        coupling_id=coupling_id,
        metric_key=metric_key,
        body=body,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
