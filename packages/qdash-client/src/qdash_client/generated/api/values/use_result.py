from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.decision_document import DecisionDocument
from ...models.use_request import UseRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task_id: str,
    *,
    body: UseRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/task-results/{task_id}/use".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> DecisionDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return DecisionDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: UseRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[DecisionDocument]:
    """Make the values of a result the chip's, whatever its age, until a newer result is accepted: the answer with its headers."""
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
    body: UseRequest,
    idempotency_key: str | Unset = UNSET,
) -> DecisionDocument:
    """Make the values of a result the chip's, whatever its age, until a newer result is accepted."""
    kwargs = _get_kwargs(
        task_id=task_id,
        body=body,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
