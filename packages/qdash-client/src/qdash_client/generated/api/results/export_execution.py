from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import Response


def _get_kwargs(
    execution_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/executions/{execution_id}/export".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Export an execution as a ZIP file: its task results as lines of JSON, with their raw data: the answer with its headers."""
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
) -> Any:
    """Export an execution as a ZIP file: its task results as lines of JSON, with their raw data."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
