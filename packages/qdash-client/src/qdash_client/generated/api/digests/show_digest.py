from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.digest_document import DigestDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    since: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["since"] = since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/digest".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> DigestDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return DigestDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: str | Unset = UNSET,
) -> Response[DigestDocument]:
    """Show the runs, changes and failures on a chip since a point in time, and what to do next: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        since=since,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: str | Unset = UNSET,
) -> DigestDocument:
    """Show the runs, changes and failures on a chip since a point in time, and what to do next."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        since=since,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
