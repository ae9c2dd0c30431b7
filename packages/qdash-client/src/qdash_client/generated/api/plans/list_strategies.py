from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_strategy_document import PageOfStrategyDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/strategies",
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfStrategyDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfStrategyDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfStrategyDocument]:
    """List the scheduling strategies that runs and schedules can select, by kind and name: the answer with its headers."""
    kwargs = _get_kwargs(
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfStrategyDocument:
    """List the scheduling strategies that runs and schedules can select, by kind and name."""
    kwargs = _get_kwargs(
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
