from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.target_status_document import TargetStatusDocument
from ...types import UNSET, Response


def _get_kwargs(
    chip_id: str,
    coupling_id: str,
    *,
    note: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["note"] = note

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/chips/{chip_id}/couplings/{coupling_id}/exclusion".format(
            chip_id=quote(str(chip_id), safe=""),
            coupling_id=quote(str(coupling_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> TargetStatusDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TargetStatusDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
    note: str,
) -> Response[TargetStatusDocument]:
    """Include a coupling in the measurements of flows again: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        coupling_id=coupling_id,
        note=note,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
    note: str,
) -> TargetStatusDocument:
    """Include a coupling in the measurements of flows again."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        coupling_id=coupling_id,
        note=note,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
