from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.task_record_document import TaskRecordDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    name: str,
    *,
    chip_id: str | Unset = UNSET,
    newest: int | Unset = 1000,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["chip_id"] = chip_id

    params["newest"] = newest

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/tasks/{name}/record".format(
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> TaskRecordDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TaskRecordDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    newest: int | Unset = 1000,
) -> Response[TaskRecordDocument]:
    """Summarize the newest results of a task: number, outcomes and durations: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
        chip_id=chip_id,
        newest=newest,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    newest: int | Unset = 1000,
) -> TaskRecordDocument:
    """Summarize the newest results of a task: number, outcomes and durations."""
    kwargs = _get_kwargs(
        name=name,
        chip_id=chip_id,
        newest=newest,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
