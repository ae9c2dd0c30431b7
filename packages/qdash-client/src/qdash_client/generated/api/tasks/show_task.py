from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.task_document import TaskDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    backend: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["backend"] = backend

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/tasks/{name}".format(
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> TaskDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TaskDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    backend: str | Unset = UNSET,
) -> Response[TaskDocument]:
    """Show a task: its inputs, outputs, run parameters, documentation, and the tasks that it replaces or that replace it: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
        backend=backend,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
    backend: str | Unset = UNSET,
) -> TaskDocument:
    """Show a task: its inputs, outputs, run parameters, documentation, and the tasks that it replaces or that replace it."""
    kwargs = _get_kwargs(
        name=name,
        backend=backend,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
