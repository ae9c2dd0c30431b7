from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    name: str,
    *,
    format_: str | Unset = "json",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["format"] = format_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/releases/{name}/export".format(
            chip_id=quote(str(chip_id), safe=""),
            name=quote(str(name), safe=""),
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
    name: str,
    *,
    client: AuthenticatedClient,
    format_: str | Unset = "json",
) -> Response[Any]:
    """Export the chip of a release as a file: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
        format_=format_,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    format_: str | Unset = "json",
) -> Any:
    """Export the chip of a release as a file."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
        format_=format_,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
