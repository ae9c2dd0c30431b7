import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.day_comparison_document import DayComparisonDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    day: datetime.date,
    other_day: datetime.date,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/days/{day}/comparison/{other_day}".format(
            chip_id=quote(str(chip_id), safe=""),
            day=quote(str(day), safe=""),
            other_day=quote(str(other_day), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> DayComparisonDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return DayComparisonDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    day: datetime.date,
    other_day: datetime.date,
    *,
    client: AuthenticatedClient,
) -> Response[DayComparisonDocument]:
    """Compare the values and statuses of a chip at the end of two days: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        day=day,
        other_day=other_day,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    day: datetime.date,
    other_day: datetime.date,
    *,
    client: AuthenticatedClient,
) -> DayComparisonDocument:
    """Compare the values and statuses of a chip at the end of two days."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        day=day,
        other_day=other_day,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
