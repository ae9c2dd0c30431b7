from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.flow_request import FlowRequest
from ...models.saved_flow_document import SavedFlowDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    body: FlowRequest,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/flows/{name}".format(
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> SavedFlowDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SavedFlowDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    body: FlowRequest,
    if_match: str | Unset = UNSET,
) -> Response[SavedFlowDocument]:
    """Check a flow, and save it as its next version. Only workers run it: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
        body=body,
        if_match=if_match,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
    body: FlowRequest,
    if_match: str | Unset = UNSET,
) -> SavedFlowDocument:
    """Check a flow, and save it as its next version. Only workers run it."""
    kwargs = _get_kwargs(
        name=name,
        body=body,
        if_match=if_match,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
