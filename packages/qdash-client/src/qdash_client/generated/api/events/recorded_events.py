from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_event_document import PageOfEventDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    kind: list[str] | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["chip_id"] = chip_id

    params["execution_id"] = execution_id

    json_kind: list[str] | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = kind

    params["kind"] = json_kind

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/events/recorded",
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfEventDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    kind: list[str] | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfEventDocument]:
    """List the recorded events that are still kept, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        kind=kind,
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    kind: list[str] | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfEventDocument:
    """List the recorded events that are still kept, newest first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        kind=kind,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
