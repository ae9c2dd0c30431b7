from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.timeline_document import TimelineDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    execution_id: str,
    *,
    after_s: float | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["after_s"] = after_s

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/executions/{execution_id}/timeline".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> TimelineDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TimelineDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    after_s: float | Unset = UNSET,
) -> Response[TimelineDocument]:
    """Show when an execution measured each task, in laboratory time: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        after_s=after_s,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    after_s: float | Unset = UNSET,
) -> TimelineDocument:
    """Show when an execution measured each task, in laboratory time."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        after_s=after_s,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
