from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.saved_flow_document import SavedFlowDocument
from ...types import Response


def _get_kwargs(
    name: str,
    version: int,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/flows/{name}/versions/{version}".format(
            name=quote(str(name), safe=""),
            version=quote(str(version), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> SavedFlowDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SavedFlowDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    version: int,
    *,
    client: AuthenticatedClient,
) -> Response[SavedFlowDocument]:
    """Show a version of a saved flow, with its source: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
        version=version,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    version: int,
    *,
    client: AuthenticatedClient,
) -> SavedFlowDocument:
    """Show a version of a saved flow, with its source."""
    kwargs = _get_kwargs(
        name=name,
        version=version,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
