import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_day_document import ChipDayDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    day: datetime.date,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/days/{day}".format(
            chip_id=quote(str(chip_id), safe=""),
            day=quote(str(day), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ChipDayDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ChipDayDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    day: datetime.date,
    *,
    client: AuthenticatedClient,
) -> Response[ChipDayDocument]:
    """Show the values and statuses of a chip at the end of a day: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        day=day,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    day: datetime.date,
    *,
    client: AuthenticatedClient,
) -> ChipDayDocument:
    """Show the values and statuses of a chip at the end of a day."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        day=day,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
