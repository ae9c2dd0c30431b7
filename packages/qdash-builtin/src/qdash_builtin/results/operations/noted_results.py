"""Operation of results with notes."""

from __future__ import annotations

from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.requests import ListPeriod
from qdash_builtin.notes.scopes import ALWAYS
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_builtin.runs.views.results import ResultDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("notes", place=255)


@operations.get("/chips/{chip_id}/noted-results", needs=RequiredRole.VIEWER)
def noted_results(call: Call, chip_id: ChipId, period: ListPeriod) -> PageOf[ResultDocument]:
    """List the results of a chip that have a note, newest note first; a page may have fewer than `limit`."""
    given = period.get_range()
    page = call.qdash.get(NOTES).get_noted_results_page(
        call.access,
        chip_id,
        call.page,
        cooldown_id=given["cooldown_id"],
        time_range=given["time_range"] or ALWAYS,
    )
    return PageOf.from_page(page, ResultDocument.from_record)
