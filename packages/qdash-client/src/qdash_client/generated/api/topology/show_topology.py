from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.topology_document import TopologyDocument
from ...types import Response


def _get_kwargs(
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/topologies/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> TopologyDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TopologyDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[TopologyDocument]:
    """Show a built-in topology: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
) -> TopologyDocument:
    """Show a built-in topology."""
    kwargs = _get_kwargs(
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
