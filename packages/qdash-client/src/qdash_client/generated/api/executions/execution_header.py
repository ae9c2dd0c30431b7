from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.execution_header import ExecutionHeader
from ...types import Response


def _get_kwargs(
    execution_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/executions/{execution_id}/header".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ExecutionHeader:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ExecutionHeader.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ExecutionHeader]:
    """Show the status of an execution, without its stages: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
) -> ExecutionHeader:
    """Show the status of an execution, without its stages."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
