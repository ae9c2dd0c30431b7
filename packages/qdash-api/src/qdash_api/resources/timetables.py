"""Routes of timetables. Workers perform them, not the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.pages import PageOf
from qdash_api.requests.timetables import TimetableEdit, TimetableRequest
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import Name
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.executions import SubmittedDocument
from qdash_core.documents.timetables import TimetableDocument

if TYPE_CHECKING:
    from qdash_core.timetables.service import TimetableView

routes = Routes("timetables")


@routes.get("/timetables", needs=RequiredRole.VIEWER, answers=PageOf[TimetableDocument])
def list_timetables(call: Call) -> PageOf[TimetableDocument]:
    """List the timetables of the project by name, with their next runs."""
    return PageOf[TimetableDocument].from_page(
        call.qdash.timetables.page(call.access, call.page), TimetableDocument.from_view
    )


@routes.post("/timetables", needs=RequiredRole.EDITOR, answers=TimetableDocument, status=201, creates=True)
def create_timetable(call: Call, body: TimetableRequest) -> TimetableDocument:
    """Create a timetable; its activity is checked as if it were performed now. One of backups is created by `qdash timetable add`."""
    return _respond(call, call.qdash.timetables.add(call.access, **dict(body), trusted_files=False))


@routes.get("/timetables/{name}", needs=RequiredRole.VIEWER, answers=TimetableDocument, versioned=True)
def show_timetable(call: Call, name: Name) -> TimetableDocument:
    """Show a timetable, with its next run and the outcome of its last one."""
    return _respond(call, call.qdash.timetables.show(call.access, name))


@routes.patch(
    "/timetables/{name}",
    needs=RequiredRole.EDITOR,
    answers=TimetableDocument,
    edits=True,
    compares="/timetables/{name}",
)
def edit_timetable(call: Call, name: Name, body: TimetableEdit) -> TimetableDocument:
    """Change, pause or resume a timetable. After a change of its activity or times it acts as the caller."""
    edited = call.qdash.timetables.edit(
        call.access, name, as_of=call.as_of, trusted_files=False, **body.get_given_fields()
    )
    return _respond(call, edited)


@routes.delete("/timetables/{name}", needs=RequiredRole.EDITOR, compares="/timetables/{name}")
def remove_timetable(call: Call, name: Name) -> None:
    """Delete a timetable; runs that it has started continue."""
    call.qdash.timetables.remove(call.access, name)


@routes.post("/timetables/{name}/start", needs=RequiredRole.EDITOR, answers=SubmittedDocument, status=202)
def start_timetable(call: Call, name: Name) -> SubmittedDocument:
    """Start the run of a timetable now, even if it is paused; refused while its last run has not ended, and without a run."""
    return SubmittedDocument.from_record(call.qdash.timetables.start_now(call.access, name))


def _respond(call: Call, view: TimetableView) -> TimetableDocument:
    # Its next run depends on the time: the caller always reads the whole timetable again.
    call.set_changed_at(view.timetable.changed_at, seq=0)
    return TimetableDocument.from_view(view)
