from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.timetable_document import TimetableDocument
from ...models.timetable_edit import TimetableEdit
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    body: TimetableEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/timetables/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> TimetableDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TimetableDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    body: TimetableEdit,
    if_match: str | Unset = UNSET,
) -> Response[TimetableDocument]:
    """Change, pause or resume a timetable. After a change of its run or times it acts as the caller: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
    body: TimetableEdit,
    if_match: str | Unset = UNSET,
) -> TimetableDocument:
    """Change, pause or resume a timetable. After a change of its run or times it acts as the caller."""
    kwargs = _get_kwargs(
        name=name,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
