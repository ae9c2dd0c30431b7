from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.adoption_document import AdoptionDocument
from ...models.adoption_request import AdoptionRequest
from ...types import Response


def _get_kwargs(
    execution_id: str,
    *,
    body: AdoptionRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/executions/{execution_id}/adoption".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> AdoptionDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return AdoptionDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    body: AdoptionRequest,
) -> Response[AdoptionDocument]:
    """Make the accepted values of a simulated execution the values of its chip: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    body: AdoptionRequest,
) -> AdoptionDocument:
    """Make the accepted values of a simulated execution the values of its chip."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
