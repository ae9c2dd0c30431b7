from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cryostat_document import CryostatDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cryo_id: str,
    *,
    force: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["force"] = force

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/cryostats/{cryo_id}".format(
            cryo_id=quote(str(cryo_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> CryostatDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CryostatDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
) -> Response[CryostatDocument]:
    """Delete a cryostat without cool-downs: the answer with its headers."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        force=force,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
) -> CryostatDocument:
    """Delete a cryostat without cool-downs."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        force=force,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
