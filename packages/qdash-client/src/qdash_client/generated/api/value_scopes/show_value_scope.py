from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.value_scope_document import ValueScopeDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/value-scopes/{name}".format(
            chip_id=quote(str(chip_id), safe=""),
            name=quote(str(name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ValueScopeDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ValueScopeDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[ValueScopeDocument]:
    """Show the values and statuses of a scope compared with those of the chip: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> ValueScopeDocument:
    """Show the values and statuses of a scope compared with those of the chip."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
