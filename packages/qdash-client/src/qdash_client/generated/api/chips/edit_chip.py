from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_edit import ChipEdit
from ...models.chip_header import ChipHeader
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    body: ChipEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/chips/{chip_id}".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ChipHeader:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ChipHeader.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: ChipEdit,
    if_match: str | Unset = UNSET,
) -> Response[ChipHeader]:
    """Change the topology of a chip, or its note: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: ChipEdit,
    if_match: str | Unset = UNSET,
) -> ChipHeader:
    """Change the topology of a chip, or its note."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
