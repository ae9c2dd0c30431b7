from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.thumbnails_document import ThumbnailsDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    task: str,
    targets: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["task"] = task

    params["targets"] = targets

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/thumbnails".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ThumbnailsDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ThumbnailsDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    task: str,
    targets: str | Unset = UNSET,
) -> Response[ThumbnailsDocument]:
    """Draw a thumbnail of the newest finished result of a task on every target of a chip: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        task=task,
        targets=targets,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    task: str,
    targets: str | Unset = UNSET,
) -> ThumbnailsDocument:
    """Draw a thumbnail of the newest finished result of a task on every target of a chip."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        task=task,
        targets=targets,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
