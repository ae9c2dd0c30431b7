from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.import_document import ImportDocument
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    body: File,
    name: str,
    format_: str | Unset = UNSET,
    only: list[str] | Unset = UNSET,
    older: bool | Unset = False,
    write: bool | Unset = False,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["name"] = name

    params["format"] = format_

    json_only: list[str] | Unset = UNSET
    if not isinstance(only, Unset):
        json_only = only

    params["only"] = json_only

    params["older"] = older

    params["write"] = write

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/chips/{chip_id}/import".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["content"] = body.payload

    headers["Content-Type"] = "application/octet-stream"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ImportDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ImportDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: File,
    name: str,
    format_: str | Unset = UNSET,
    only: list[str] | Unset = UNSET,
    older: bool | Unset = False,
    write: bool | Unset = False,
) -> Response[ImportDocument]:
    """Compare values in a file with those of a chip; `write` imports the differences as task results: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        name=name,
        format_=format_,
        only=only,
        older=older,
        write=write,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: File,
    name: str,
    format_: str | Unset = UNSET,
    only: list[str] | Unset = UNSET,
    older: bool | Unset = False,
    write: bool | Unset = False,
) -> ImportDocument:
    """Compare values in a file with those of a chip; `write` imports the differences as task results."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        name=name,
        format_=format_,
        only=only,
        older=older,
        write=write,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
