from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.checked_source_document import CheckedSourceDocument
from ...models.source_request import SourceRequest
from ...types import Response


def _get_kwargs(
    *,
    body: SourceRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/flows/validate",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> CheckedSourceDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CheckedSourceDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SourceRequest,
) -> Response[CheckedSourceDocument]:
    """Check a source without running or saving it: its syntax, entry function and parameters: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: SourceRequest,
) -> CheckedSourceDocument:
    """Check a source without running or saving it: its syntax, entry function and parameters."""
    kwargs = _get_kwargs(
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
