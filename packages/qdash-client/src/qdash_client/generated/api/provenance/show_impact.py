from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.impact_document import ImpactDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task_id: str,
    *,
    metric: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_metric: list[str] | Unset = UNSET
    if not isinstance(metric, Unset):
        json_metric = metric

    params["metric"] = json_metric

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/task-results/{task_id}/impact".format(
            task_id=quote(str(task_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ImpactDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ImpactDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    metric: list[str] | Unset = UNSET,
) -> Response[ImpactDocument]:
    """Show everything that used the values of a result, directly or through other results: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
        metric=metric,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
    metric: list[str] | Unset = UNSET,
) -> ImpactDocument:
    """Show everything that used the values of a result, directly or through other results."""
    kwargs = _get_kwargs(
        task_id=task_id,
        metric=metric,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
