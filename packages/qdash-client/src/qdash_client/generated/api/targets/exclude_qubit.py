from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.exclusion_request import ExclusionRequest
from ...models.target_status_document import TargetStatusDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    qid: str,
    *,
    body: ExclusionRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/chips/{chip_id}/qubits/{qid}/exclusion".format(
            chip_id=quote(str(chip_id), safe=""),
            qid=quote(str(qid), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, response: httpx.Response) -> TargetStatusDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return TargetStatusDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: ExclusionRequest,
) -> Response[TargetStatusDocument]:
    """Exclude a qubit from the measurements of flows, or mark it as dead: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qid=qid,
        body=body,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: ExclusionRequest,
) -> TargetStatusDocument:
    """Exclude a qubit from the measurements of flows, or mark it as dead."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qid=qid,
        body=body,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
