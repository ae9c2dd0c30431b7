from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.result_comparison_document import ResultComparisonDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task_id: str,
    *,
    other: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["other"] = other

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/task-results/{task_id}/comparison".format(
            task_id=quote(str(task_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ResultComparisonDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ResultComparisonDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
    other: str | Unset = UNSET,
) -> Response[ResultComparisonDocument]:
    """Compare a task result with an earlier one: outputs, inputs, run parameters, software and laboratory: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
        other=other,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
    other: str | Unset = UNSET,
) -> ResultComparisonDocument:
    """Compare a task result with an earlier one: outputs, inputs, run parameters, software and laboratory."""
    kwargs = _get_kwargs(
        task_id=task_id,
        other=other,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
