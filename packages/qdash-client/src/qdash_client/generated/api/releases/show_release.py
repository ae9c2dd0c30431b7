from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.release_document import ReleaseDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/releases/{name}".format(
            chip_id=quote(str(chip_id), safe=""),
            name=quote(str(name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ReleaseDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ReleaseDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[ReleaseDocument]:
    """Show the values of a release: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
) -> ReleaseDocument:
    """Show the values of a release."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
