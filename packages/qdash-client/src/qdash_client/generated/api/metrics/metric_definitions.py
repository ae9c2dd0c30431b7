from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.metric_definitions_document import MetricDefinitionsDocument
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/metrics/definitions",
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> MetricDefinitionsDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return MetricDefinitionsDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[MetricDefinitionsDocument]:
    """Show the definitions of metrics: titles, units, thresholds, groups: the answer with its headers."""
    kwargs = _get_kwargs()
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
) -> MetricDefinitionsDocument:
    """Show the definitions of metrics: titles, units, thresholds, groups."""
    kwargs = _get_kwargs()
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
