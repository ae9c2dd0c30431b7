from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.recorded_result import RecordedResult
from ...models.refit_request import RefitRequest
from ...types import Response


def _get_kwargs(
    task_id: str,
    *,
    body: RefitRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/task-results/{task_id}/refit".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> RecordedResult:
    if response.status_code != 201:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return RecordedResult.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: RefitRequest,
) -> Response[RecordedResult]:
    """Analyse the raw data of a task result again, and record the new result: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: RefitRequest,
) -> RecordedResult:
    """Analyse the raw data of a task result again, and record the new result."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
