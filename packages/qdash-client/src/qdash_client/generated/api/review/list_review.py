from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.page_of_review_item_document import PageOfReviewItemDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    task: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["qubits"] = qubits

    params["muxes"] = muxes

    params["couplings"] = couplings

    params["task"] = task

    params["metric"] = metric

    params["all"] = all_

    params["limit"] = limit

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/review".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PageOfReviewItemDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    response_200 = PageOfReviewItemDocument.from_dict(response.json())

    return response_200


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    task: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOfReviewItemDocument]:
    """List the flagged results of a chip that await a decision, newest first: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        task=task,
        metric=metric,
        all_=all_,
        limit=limit,
        after=after,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    task: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> PageOfReviewItemDocument:
    """List the flagged results of a chip that await a decision, newest first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        task=task,
        metric=metric,
        all_=all_,
        limit=limit,
        after=after,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
