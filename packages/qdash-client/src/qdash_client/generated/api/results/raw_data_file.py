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


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Any]:
    """Download the raw data of a task result as a NumPy archive (.npz): the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Any:
    """Download the raw data of a task result as a NumPy archive (.npz)."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
