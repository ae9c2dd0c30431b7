"""Operations of calibration notes: calibration data kept by a backend's library for a chip."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import CALIBRATION_NOTES
from qdash_builtin.chips.views.calibration_notes import CalibrationNoteDocument, CalibrationNoteHeader
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("calibration_notes", place=310)


@operations.get("/chips/{chip_id}/calibration-notes", needs=RequiredRole.VIEWER)
def list_calibration_notes(call: Call, chip_id: ChipId) -> PageOf[CalibrationNoteHeader]:
    """List the calibration notes of a chip, newest first, without their contents."""
    page = call.qdash.get(CALIBRATION_NOTES).page(call.access, chip_id, call.page)
    return PageOf.from_page(page, CalibrationNoteHeader.from_record)


@operations.get("/chips/{chip_id}/calibration-notes/latest", needs=RequiredRole.VIEWER)
def latest_calibration_note(call: Call, chip_id: ChipId) -> CalibrationNoteDocument:
    """Show the newest calibration note of a chip."""
    return CalibrationNoteDocument.from_record(
        call.qdash.get(CALIBRATION_NOTES).get_latest(call.access, chip_id)
    )


@operations.get(
    "/chips/{chip_id}/calibration-notes/{execution_id}",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def show_calibration_note(
    call: Call,
    chip_id: ChipId,
    execution_id: ExecutionId,
    task_id: Annotated[
        str,
        Field(max_length=128, description="Task result of the note; absent: the note at the end of the run."),
    ] = "",
) -> CalibrationNoteDocument:
    """Show the calibration note of a run or of one of its task results."""
    found = call.qdash.get(CALIBRATION_NOTES).show(call.access, chip_id, execution_id, task_id)
    return CalibrationNoteDocument.from_record(found)
