from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.release_comparison_document import ReleaseComparisonDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    *,
    first: str,
    second: str | Unset = "now",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["first"] = first

    params["second"] = second

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/release-comparison".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> ReleaseComparisonDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return ReleaseComparisonDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    first: str,
    second: str | Unset = "now",
) -> Response[ReleaseComparisonDocument]:
    """Compare two releases, or a release with the present chip: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        first=first,
        second=second,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    first: str,
    second: str | Unset = "now",
) -> ReleaseComparisonDocument:
    """Compare two releases, or a release with the present chip."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        first=first,
        second=second,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
