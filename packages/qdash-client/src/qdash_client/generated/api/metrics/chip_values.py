import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_values_document import ChipValuesDocument
from ...models.mode import Mode
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    flagged: bool | Unset = False,
    older_than: str | Unset = UNSET,
    failed: bool | Unset = False,
    out_of_spec: bool | Unset = False,
    marked: list[str] | Unset = UNSET,
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

    json_mode: str | Unset = UNSET
    if not isinstance(mode, Unset):
        json_mode = mode

    params["mode"] = json_mode

    params["cooldown_id"] = cooldown_id

    json_since: str | Unset = UNSET
    if not isinstance(since, Unset):
        json_since = since.isoformat()
    params["since"] = json_since

    json_until: str | Unset = UNSET
    if not isinstance(until, Unset):
        json_until = until.isoformat()
    params["until"] = json_until

    params["flagged"] = flagged

    params["older_than"] = older_than

    params["failed"] = failed

    params["out_of_spec"] = out_of_spec

    json_marked: list[str] | Unset = UNSET
    if not isinstance(marked, Unset):
        json_marked = marked

    params["marked"] = json_marked

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/metrics/chips/{chip_id}".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ChipValuesDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ChipValuesDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: list[str] | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    flagged: bool | Unset = False,
    older_than: str | Unset = UNSET,
    failed: bool | Unset = False,
    out_of_spec: bool | Unset = False,
    marked: list[str] | Unset = UNSET,
) -> Response[ChipValuesDocument]:
    """Show the values of a chip: the current ones, or a selection from its recorded results: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        mode=mode,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
        flagged=flagged,
        older_than=older_than,
        failed=failed,
        out_of_spec=out_of_spec,
        marked=marked,
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
    mode: Mode | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    flagged: bool | Unset = False,
    older_than: str | Unset = UNSET,
    failed: bool | Unset = False,
    out_of_spec: bool | Unset = False,
    marked: list[str] | Unset = UNSET,
) -> ChipValuesDocument:
    """Show the values of a chip: the current ones, or a selection from its recorded results."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        mode=mode,
        cooldown_id=cooldown_id,
        since=since,
        until=until,
        flagged=flagged,
        older_than=older_than,
        failed=failed,
        out_of_spec=out_of_spec,
        marked=marked,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
