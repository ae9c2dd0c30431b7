from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.reversion_document import ReversionDocument
from ...models.reversion_request import ReversionRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    body: ReversionRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/chips/{chip_id}/values/reversion".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> ReversionDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ReversionDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: ReversionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ReversionDocument]:
    """Restore the values of an earlier time, of the end of an execution, or of a release: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        idempotency_key=idempotency_key,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: ReversionRequest,
    idempotency_key: str | Unset = UNSET,
) -> ReversionDocument:
    """Restore the values of an earlier time, of the end of an execution, or of a release."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        body=body,
        idempotency_key=idempotency_key,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
