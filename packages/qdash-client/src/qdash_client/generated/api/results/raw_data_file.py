from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...types import Response


def _get_kwargs(
    task_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/task-results/{task_id}/raw-data-file".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> Any:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return cast(Any, None)


def _build_response(*, response: httpx.Response) -> Response[Any]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response=response),
    )


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """What was measured for a result, as a NumPy archive (.npz): the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _build_response(response=client.get_httpx_client().request(**kwargs))


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """What was measured for a result, as a NumPy archive (.npz)."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))


async def asyncio_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """What was measured for a result, as a NumPy archive (.npz): the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _build_response(response=await client.get_async_httpx_client().request(**kwargs))


async def asyncio(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """What was measured for a result, as a NumPy archive (.npz)."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _parse_response(response=await client.get_async_httpx_client().request(**kwargs))
