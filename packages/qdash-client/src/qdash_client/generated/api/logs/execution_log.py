from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_log_part_document import PageOfLogPartDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    execution_id: str,
    *,
    since: int | Unset = 0,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["since"] = since

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/executions/{execution_id}/log".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfLogPartDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfLogPartDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    since: int | Unset = 0,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfLogPartDocument]:
    """Return the log of an execution. To follow it, repeat the request with `since` set to the last `seq`: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        since=since,
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    since: int | Unset = 0,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfLogPartDocument:
    """Return the log of an execution. To follow it, repeat the request with `since` set to the last `seq`."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        since=since,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
