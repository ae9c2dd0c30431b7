from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.point_comparison_document import PointComparisonDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    before: str,
    after: str | Unset = "now",
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["before"] = before

    params["after"] = after

    params["qubits"] = qubits

    params["muxes"] = muxes

    params["couplings"] = couplings

    json_metric: list[str] | Unset = UNSET
    if not isinstance(metric, Unset):
        json_metric = metric

    params["metric"] = json_metric

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/comparison".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> PointComparisonDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return PointComparisonDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    before: str,
    after: str | Unset = "now",
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> Response[PointComparisonDocument]:
    """Compare a chip at two points in time, or with another chip of the project, the most significant changes first: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        before=before,
        after=after,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        metric=metric,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    before: str,
    after: str | Unset = "now",
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> PointComparisonDocument:
    """Compare a chip at two points in time, or with another chip of the project, the most significant changes first."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        before=before,
        after=after,
        qubits=qubits,
        muxes=muxes,
        couplings=couplings,
        metric=metric,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
