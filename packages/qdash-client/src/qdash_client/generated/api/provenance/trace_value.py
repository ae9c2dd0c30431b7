from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.provenance_document import ProvenanceDocument
from ...models.trace_value_direction import (
    TraceValueDirection,
)
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    target: str,
    metric: str,
    direction: TraceValueDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["target"] = target

    params["metric"] = metric

    json_direction: str | Unset = UNSET
    if not isinstance(direction, Unset):
        json_direction = direction

    params["direction"] = json_direction

    params["depth"] = depth

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/provenance".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ProvenanceDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ProvenanceDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    direction: TraceValueDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> Response[ProvenanceDocument]:
    """Show what a value in use came from, and what used it: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        direction=direction,
        depth=depth,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    target: str,
    metric: str,
    direction: TraceValueDirection | Unset = UNSET,
    depth: int | Unset = UNSET,
) -> ProvenanceDocument:
    """Show what a value in use came from, and what used it."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        target=target,
        metric=metric,
        direction=direction,
        depth=depth,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
