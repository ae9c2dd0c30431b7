from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient
from ...models.calibration_note_document import CalibrationNoteDocument
from ...types import UNSET, Response, Unset


def _get_kwargs(
    chip_id: str,
    execution_id: str,
    *,
    task_id: str | Unset = "",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["task_id"] = task_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/chips/{chip_id}/calibration-notes/{execution_id}".format(
            chip_id=quote(str(chip_id), safe=""),
            execution_id=quote(str(execution_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, response: httpx.Response) -> CalibrationNoteDocument:
    if response.status_code != 200:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return CalibrationNoteDocument.model_validate_json(response.content, extra="ignore")


def sync_detailed(
    chip_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient,
    task_id: str | Unset = "",
) -> Response[CalibrationNoteDocument]:
    """Show the calibration note of a run or of one of its task results: the answer with its headers."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        task_id=task_id,
    )
    response = client.get_httpx_client().request(**kwargs)
    parsed = _parse_response(response=response)
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def sync(
    chip_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient,
    task_id: str | Unset = "",
) -> CalibrationNoteDocument:
    """Show the calibration note of a run or of one of its task results."""
    kwargs = _get_kwargs(
        chip_id=chip_id,
        execution_id=execution_id,
        task_id=task_id,
    )
    return _parse_response(response=client.get_httpx_client().request(**kwargs))
