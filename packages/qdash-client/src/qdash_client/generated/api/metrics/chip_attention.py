from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.attention_document import AttentionDocument
from ...types import Response


def _get_kwargs(
    chip_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/metrics/chips/{chip_id}/attention".format(
            chip_id=quote(str(chip_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> AttentionDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return AttentionDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[AttentionDocument]:
    """Count the failed targets, flagged results, marked values and values out of specification of a chip: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    *,
    client: AuthenticatedClient,
) -> AttentionDocument:
    """Count the failed targets, flagged results, marked values and values out of specification of a chip."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
