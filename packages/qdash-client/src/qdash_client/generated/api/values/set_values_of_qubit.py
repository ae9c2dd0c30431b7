from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.value_event_document import ValueEventDocument
from ...models.values_request import ValuesRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    qid: str,
    *,
    body: ValuesRequest,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/chips/{chip_id}/qubits/{qid}".format(
            chip_id=quote(str(chip_id), safe=""),
            qid=quote(str(qid), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ValueEventDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ValueEventDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: ValuesRequest,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Set values of a qubit by hand: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qid=qid,
        body=body,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: ValuesRequest,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ValueEventDocument:
    """Set values of a qubit by hand."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qid=qid,
        body=body,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
