"""Operations with the tag `calibration_notes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.calibration_notes import CalibrationNoteDocument, CalibrationNoteHeader
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_calibration_notes(
    chip_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[CalibrationNoteHeader]]:
    """List the calibration notes of a chip, newest first, without their contents."""
    from qdash_core.documents.calibration_notes import CalibrationNoteHeader

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/calibration-notes",
        page_of(CalibrationNoteHeader),
        params={"limit": limit, "after": after},
    )


@operation
def latest_calibration_note(
    chip_id: str, *, client: AuthenticatedClient
) -> Response[CalibrationNoteDocument]:
    """Show the newest calibration note of a chip."""
    from qdash_core.documents.calibration_notes import CalibrationNoteDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/calibration-notes/latest", CalibrationNoteDocument
    )


@operation
def show_calibration_note(
    chip_id: str, execution_id: str, *, client: AuthenticatedClient, task_id: str | Unset = ""
) -> Response[CalibrationNoteDocument]:
    """Show the calibration note of a run or of one of its task results."""
    from qdash_core.documents.calibration_notes import CalibrationNoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/calibration-notes/{quote_segment(execution_id)}",
        CalibrationNoteDocument,
        params={"task_id": task_id},
    )
