import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_value_event_header import PageOfValueEventHeader
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    user: str | Unset = UNSET,
    by_hand: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["qubits"] = qubits

    params["muxes"] = muxes

    params["couplings"] = couplings

    params["metric"] = metric

    json_since: str | Unset = UNSET
    if not isinstance(since, Unset):
        json_since = since.isoformat()
    params["since"] = json_since

    params["user"] = user

    params["by_hand"] = by_hand

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/value-events".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfValueEventHeader:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfValueEventHeader.from_dict(response.json())

    return response_200


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    user: str | Unset = UNSET,
    by_hand: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfValueEventHeader]:
    """List the value events of a chip, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        metric=metric,
        since=since,
        user=user,
        by_hand=by_hand,
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    user: str | Unset = UNSET,
    by_hand: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfValueEventHeader:
    """List the value events of a chip, newest first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        metric=metric,
        since=since,
        user=user,
        by_hand=by_hand,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
