from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.submitted_document import SubmittedDocument
from ...types import Response


def _get_kwargs(
    name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/timetables/{name}/start".format(
            name=quote(str(name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> SubmittedDocument:
    if response.status_code != 202:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return SubmittedDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    name: str,
    *,
    client: AuthenticatedClient,
) -> Response[SubmittedDocument]:
    """Start the run of a timetable now, even if it is paused; refused while its last run has not ended, and for a digest: the answer with its headers."""
    kwargs = _get_kwargs(
        name=name,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    name: str,
    *,
    client: AuthenticatedClient,
) -> SubmittedDocument:
    """Start the run of a timetable now, even if it is paused; refused while its last run has not ended, and for a digest."""
    kwargs = _get_kwargs(
        name=name,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
