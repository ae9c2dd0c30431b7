"""Operations of the daily copies of chips: the days, a chip on a day."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import CHIP_DAYS
from qdash_builtin.chips.views.chip_days import ChipDayDocument, ChipDayHeader
from qdash_builtin.request_parts.path_parts import ChipId, Day
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("chips", place=120)
_Before = Annotated[Day | None, Field(description="Only days before this one: the next page.")]


@operations.get(
    "/chips/{chip_id}/days",
    needs=RequiredRole.VIEWER,
    command=Command("chip days", limit=USUAL_PAGE, more="--before {date}", empty="no copies on record"),
)
def list_chip_days(call: Call, chip_id: ChipId, before: _Before = None) -> PageOf[ChipDayHeader]:
    """List the days with daily copies of a chip, newest first."""
    found = call.qdash.get(CHIP_DAYS).page(call.access, chip_id, call.page, before=before)
    return PageOf[ChipDayHeader].from_page(found, ChipDayHeader.from_record)


@operations.get("/chips/{chip_id}/days/{day}", needs=RequiredRole.VIEWER, slow=True)
def show_chip_on_day(call: Call, chip_id: ChipId, day: Day) -> ChipDayDocument:
    """Show the values and statuses of a chip at the end of a day."""
    return ChipDayDocument.from_day(call.qdash.get(CHIP_DAYS).show(call.access, chip_id, day))
