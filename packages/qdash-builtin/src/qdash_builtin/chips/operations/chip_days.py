"""Operations of the daily copies of chips: the days, a chip on a day, two days compared."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.chips.feature import CHIP_DAYS
from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.comparisons.views.chip_days import ChipDayDocument, ChipDayHeader
from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId, Day
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


@operations.get(
    "/chips/{chip_id}/days/{day}/comparison/{other_day}",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command("chip compare"),
    for_assistants=True,
)
def compare_chip_days(call: Call, chip_id: ChipId, day: Day, other_day: Day) -> PointComparisonDocument:
    """Compare the values and statuses of a chip at the end of two days."""
    found = call.qdash.get(COMPARISONS).compare(
        call.access, f"day:{day}", f"day:{other_day}", chip_id=chip_id
    )
    return PointComparisonDocument.from_comparison(found)
