from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.chip_document import ChipDocument
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    body: File,
    chip_id: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["chip_id"] = chip_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/chips/import",
        "params": params,
    }

    _kwargs["content"] = body.payload

    headers["Content-Type"] = "application/octet-stream"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ChipDocument:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ChipDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: File,
    chip_id: str | Unset = UNSET,
) -> Response[ChipDocument]:
    """Create a chip with its values from an export in JSON or YAML: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
        chip_id=chip_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: File,
    chip_id: str | Unset = UNSET,
) -> ChipDocument:
    """Create a chip with its values from an export in JSON or YAML."""
    kwargs = _get_kwargs(
        body=body,
        chip_id=chip_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
