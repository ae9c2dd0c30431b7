from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.review_item_document import ReviewItemDocument
from ...types import Response


def _get_kwargs(
    task_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/task-results/{task_id}/review".format(
            task_id=quote(str(task_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ReviewItemDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ReviewItemDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ReviewItemDocument]:
    """Show a flagged result with its state, its values beside those in use, and the effect of an acceptance: the answer with its headers."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    task_id: str,
    *,
    client: AuthenticatedClient,
) -> ReviewItemDocument:
    """Show a flagged result with its state, its values beside those in use, and the effect of an acceptance."""
    kwargs = _get_kwargs(
        task_id=task_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
