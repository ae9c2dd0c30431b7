from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.released_document import ReleasedDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    force: bool | Unset = False,
    execution_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["force"] = force

    params["execution_id"] = execution_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/locks/{chip_id}".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ReleasedDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ReleasedDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    execution_id: str | Unset = UNSET,
) -> Response[ReleasedDocument]:
    """Release the locks on a chip's instrument; 409 with the holder if its run may be alive, unless forced: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        force=force,
        execution_id=execution_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    force: bool | Unset = False,
    execution_id: str | Unset = UNSET,
) -> ReleasedDocument:
    """Release the locks on a chip's instrument; 409 with the holder if its run may be alive, unless forced."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        force=force,
        execution_id=execution_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
