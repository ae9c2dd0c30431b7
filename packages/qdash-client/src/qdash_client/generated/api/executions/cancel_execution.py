from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.execution_header import ExecutionHeader
from ...types import Response


def _get_kwargs(
    flow_run_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/executions/{flow_run_id}/cancel".format(
            flow_run_id=quote(str(flow_run_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ExecutionHeader:
    if response.status_code != 202:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ExecutionHeader.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    flow_run_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ExecutionHeader]:
    """Cancel an execution, by its id or the UUID of its flow run; only `resume` runs it again: the answer with its headers."""
    kwargs = _get_kwargs(
        flow_run_id=flow_run_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    flow_run_id: str,
    *,
    client: AuthenticatedClient,
) -> ExecutionHeader:
    """Cancel an execution, by its id or the UUID of its flow run; only `resume` runs it again."""
    kwargs = _get_kwargs(
        flow_run_id=flow_run_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
