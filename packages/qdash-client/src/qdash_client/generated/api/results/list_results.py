import datetime
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.outcome import Outcome
from ...models.page_of_result_document import PageOfResultDocument
from ...models.task_status import TaskStatus
from ...models.verdict import Verdict
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    outcome: Outcome | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    user: str | Unset = UNSET,
    q: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["chip_id"] = chip_id

    params["execution_id"] = execution_id

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

    json_outcome: str | Unset = UNSET
    if not isinstance(outcome, Unset):
        json_outcome = outcome

    params["outcome"] = json_outcome

    params["cooldown_id"] = cooldown_id

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    params["user"] = user

    params["q"] = q

    json_since: str | Unset = UNSET
    if not isinstance(since, Unset):
        json_since = since.isoformat()
    params["since"] = json_since

    json_until: str | Unset = UNSET
    if not isinstance(until, Unset):
        json_until = until.isoformat()
    params["until"] = json_until

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/task-results",
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfResultDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfResultDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    outcome: Outcome | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    user: str | Unset = UNSET,
    q: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfResultDocument]:
    """List the task results that match all filters, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        task=task,
        target=target,
        status=status,
        verdict=verdict,
        outcome=outcome,
        cooldown_id=cooldown_id,
        tag=tag,
        user=user,
        q=q,
        since=since,
        until=until,
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    task: str | Unset = UNSET,
    target: str | Unset = UNSET,
    status: TaskStatus | Unset = UNSET,
    verdict: Verdict | Unset = UNSET,
    outcome: Outcome | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    user: str | Unset = UNSET,
    q: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfResultDocument:
    """List the task results that match all filters, newest first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        task=task,
        target=target,
        status=status,
        verdict=verdict,
        outcome=outcome,
        cooldown_id=cooldown_id,
        tag=tag,
        user=user,
        q=q,
        since=since,
        until=until,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
