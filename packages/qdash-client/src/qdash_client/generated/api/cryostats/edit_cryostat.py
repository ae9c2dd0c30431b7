from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.cryostat_document import CryostatDocument
from ...models.cryostat_edit import CryostatEdit
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cryo_id: str,
    *,
    body: CryostatEdit,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/cryostats/{cryo_id}".format(
            cryo_id=quote(str(cryo_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> CryostatDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CryostatDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    body: CryostatEdit,
    if_match: str | Unset = UNSET,
) -> Response[CryostatDocument]:
    """Change fields of a cryostat; absent fields are unchanged: the answer with its headers."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    cryo_id: str,
    *,
    client: AuthenticatedClient,
    body: CryostatEdit,
    if_match: str | Unset = UNSET,
) -> CryostatDocument:
    """Change fields of a cryostat; absent fields are unchanged."""
    kwargs = _get_kwargs(
        cryo_id=cryo_id,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
