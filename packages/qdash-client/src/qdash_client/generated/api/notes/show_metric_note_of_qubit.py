import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.note_document import NoteDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip: str,
    qid: str,
    metric_key: str,
    *,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

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
        "method": "get",
        "url": "/chips/{chip}/qubits/{qid}/metric-notes/{metric_key}".format(
            chip=quote(str(chip), safe=""),
            qid=quote(str(qid), safe=""),
            metric_key=quote(str(metric_key), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> NoteDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return NoteDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip: str,
    qid: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[NoteDocument]:
    """Show the note on a metric of a qubit: the answer with its headers."""
    kwargs = _get_kwargs(
        chip=chip,
        qid=qid,
        metric_key=metric_key,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip: str,
    qid: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> NoteDocument:
    """Show the note on a metric of a qubit."""
    kwargs = _get_kwargs(
        chip=chip,
        qid=qid,
        metric_key=metric_key,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
