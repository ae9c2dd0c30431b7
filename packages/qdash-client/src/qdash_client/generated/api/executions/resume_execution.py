from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.submitted_document import SubmittedDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    execution_id: str,
    *,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/executions/{execution_id}/resume".format(
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> SubmittedDocument:
    if response.status_code != 202:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SubmittedDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    idempotency_key: str | Unset = UNSET,
) -> Response[SubmittedDocument]:
    """Resume an execution that failed, was cancelled or was interrupted: it is queued again: the answer with its headers."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    execution_id: str,
    *,
    client: AuthenticatedClient,
    idempotency_key: str | Unset = UNSET,
) -> SubmittedDocument:
    """Resume an execution that failed, was cancelled or was interrupted: it is queued again."""
    kwargs = _get_kwargs(
        execution_id=execution_id,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
