import datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["target"] = target

    params["metric"] = metric

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
        "url": "/metrics/chips/{chip_id}/history-file".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[Any]:
    """Download all recorded values of a metric of a target as CSV, newest first; times are in UTC: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
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
    target: str,
    metric: str,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Any:
    """Download all recorded values of a metric of a target as CSV, newest first; times are in UTC."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
