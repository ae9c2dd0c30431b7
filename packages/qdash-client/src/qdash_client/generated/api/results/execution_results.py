from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_result_document import PageOfResultDocument
from ...models.task_status import TaskStatus
from ...models.verdict import Verdict
from ...types import UNSET, Response, Unset


def _get_kwargs(
    execution_id: str,
    *,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["task"] = task

    params["target"] = target

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    json_verdict: str | Unset = UNSET
    if not isinstance(verdict, Unset):
        json_verdict = verdict

    params["verdict"] = json_verdict

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/executions/{execution_id}/results".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfResultDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfResultDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfResultDocument]:
    """List the task results of an execution, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        task=task,
        target=target,
        status=status,
        verdict=verdict,
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
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfResultDocument:
    """List the task results of an execution, newest first."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        task=task,
        target=target,
        status=status,
        verdict=verdict,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
