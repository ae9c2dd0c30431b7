from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.result_rerun_request import ResultRerunRequest
from ...models.submitted_document import SubmittedDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task_id: str,
    *,
    body: ResultRerunRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/task-results/{task_id}/rerun".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> SubmittedDocument:
    if response.status_code != 202:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SubmittedDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: ResultRerunRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[SubmittedDocument]:
    """Rerun a task result with its recorded inputs and run parameters, as a new execution: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: ResultRerunRequest,
    idempotency_key: str | Unset = UNSET,
) -> SubmittedDocument:
    """Rerun a task result with its recorded inputs and run parameters, as a new execution."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
