from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.show_digest_page_format import (
    ShowDigestPageFormat,
)
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    since: str | Unset = UNSET,
    format_: ShowDigestPageFormat | Unset = "html",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["since"] = since

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_

    params["format"] = json_format_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/digest-page".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: str | Unset = UNSET,
    format_: ShowDigestPageFormat | Unset = "html",
) -> Response[Any]:
    """Show the digest of a chip as text, Markdown or one HTML page: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        since=since,
        format_=format_,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: str | Unset = UNSET,
    format_: ShowDigestPageFormat | Unset = "html",
) -> Any:
    """Show the digest of a chip as text, Markdown or one HTML page."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        since=since,
        format_=format_,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
