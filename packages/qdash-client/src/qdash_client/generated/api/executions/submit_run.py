from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.run_request import RunRequest
from ...models.submitted_document import SubmittedDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: RunRequest,
    wait: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    params: dict[str, Any] = {}

    params["wait"] = wait

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/executions",
        "params": params,
    }

    _kwargs["json"] = body.model_dump(mode="json", exclude_none=True)

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> SubmittedDocument:
    if response.status_code != 202:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SubmittedDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: RunRequest,
    wait: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> Response[SubmittedDocument]:
    """Submit a run: it is recorded as scheduled, and queued for a worker: the answer with its headers."""
    kwargs = _get_kwargs(
        body=body,
        wait=wait,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    *,
    client: AuthenticatedClient,
    body: RunRequest,
    wait: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> SubmittedDocument:
    """Submit a run: it is recorded as scheduled, and queued for a worker."""
    kwargs = _get_kwargs(
        body=body,
        wait=wait,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
