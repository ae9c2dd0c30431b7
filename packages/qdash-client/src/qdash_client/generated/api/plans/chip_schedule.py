from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_schedule_kind import ChipScheduleKind
from ...models.schedule_document import ScheduleDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    kind: ChipScheduleKind,
    target: list[str] | Unset = UNSET,
    exclude: list[str] | Unset = UNSET,
    strategy: str | Unset = UNSET,
    flow: str | Unset = UNSET,
    max_parallel: int | Unset = UNSET,
    one_of_each_mux: bool | Unset = False,
    wiring: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_kind: str = kind
    params["kind"] = json_kind

    json_target: list[str] | Unset = UNSET
    if not isinstance(target, Unset):
        json_target = target

    params["target"] = json_target

    json_exclude: list[str] | Unset = UNSET
    if not isinstance(exclude, Unset):
        json_exclude = exclude

    params["exclude"] = json_exclude

    params["strategy"] = strategy

    params["flow"] = flow

    params["max_parallel"] = max_parallel

    params["one_of_each_mux"] = one_of_each_mux

    params["wiring"] = wiring

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/schedule".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ScheduleDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ScheduleDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    kind: ChipScheduleKind,
    target: list[str] | Unset = UNSET,
    exclude: list[str] | Unset = UNSET,
    strategy: str | Unset = UNSET,
    flow: str | Unset = UNSET,
    max_parallel: int | Unset = UNSET,
    one_of_each_mux: bool | Unset = False,
    wiring: bool | Unset = UNSET,
) -> Response[ScheduleDocument]:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        kind=kind,
        target=target,
        exclude=exclude,
        strategy=strategy,
        flow=flow,
        max_parallel=max_parallel,
        one_of_each_mux=one_of_each_mux,
        wiring=wiring,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    kind: ChipScheduleKind,
    target: list[str] | Unset = UNSET,
    exclude: list[str] | Unset = UNSET,
    strategy: str | Unset = UNSET,
    flow: str | Unset = UNSET,
    max_parallel: int | Unset = UNSET,
    one_of_each_mux: bool | Unset = False,
    wiring: bool | Unset = UNSET,
) -> ScheduleDocument:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        kind=kind,
        target=target,
        exclude=exclude,
        strategy=strategy,
        flow=flow,
        max_parallel=max_parallel,
        one_of_each_mux=one_of_each_mux,
        wiring=wiring,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
