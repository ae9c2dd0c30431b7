import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_trends_document import ChipTrendsDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_target: list[str] | Unset = UNSET
    if not isinstance(target, Unset):
        json_target = target

    params["target"] = json_target

    json_metric: list[str] | Unset = UNSET
    if not isinstance(metric, Unset):
        json_metric = metric

    params["metric"] = json_metric

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
        "url": "/chips/{chip_id}/trends".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ChipTrendsDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ChipTrendsDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[ChipTrendsDocument]:
    """Show change points, drift and excess spread of the accepted values of a chip, worst first: the answer with its headers."""
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
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> ChipTrendsDocument:
    """Show change points, drift and excess spread of the accepted values of a chip, worst first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
