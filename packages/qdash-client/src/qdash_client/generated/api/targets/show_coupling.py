from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.coupling_document import CouplingDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    coupling_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/couplings/{coupling_id}".format(
            chip_id=quote(str(chip_id), safe=""),
            coupling_id=quote(str(coupling_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> CouplingDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CouplingDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[CouplingDocument]:
    """Show a coupling with its values, and the newest result of each task on it: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        coupling_id=coupling_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
) -> CouplingDocument:
    """Show a coupling with its values, and the newest result of each task on it."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        coupling_id=coupling_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
