"""Timetables: runs that begin by themselves. The host starts none of them: workers look at the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import Name
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_api.requests.timetables import TimetableEdit, TimetableRequest
from qdash_core.documents.executions import SubmittedDocument
from qdash_core.documents.timetables import TimetableDocument

if TYPE_CHECKING:
    from qdash_core.timetables.service import TimetableView

routes = Routes("timetables")


@routes.get("/timetables", needs=Needs.VIEWER, answers=PageOf[TimetableDocument])
def list_timetables(call: Call) -> PageOf[TimetableDocument]:
    """The timetables of the project, by name, with what they start next."""
    return PageOf[TimetableDocument].of(
        call.qdash.timetables.page(call.access, call.page), TimetableDocument.of
    )


@routes.post("/timetables", needs=Needs.EDITOR, answers=TimetableDocument, status=201)
def create_timetable(call: Call, body: TimetableRequest) -> TimetableDocument:
    """Make a timetable: what it is to run is checked as if it were asked for now."""
    return _shown(call, call.qdash.timetables.add(call.access, **dict(body), trusted_files=False))


@routes.get("/timetables/{name}", needs=Needs.VIEWER, answers=TimetableDocument, versioned=True)
def show_timetable(call: Call, name: Name) -> TimetableDocument:
    """A timetable, with what it starts next and what became of its last moment."""
    return _shown(call, call.qdash.timetables.show(call.access, name))


@routes.patch("/timetables/{name}", needs=Needs.EDITOR, answers=TimetableDocument, edits=True)
def edit_timetable(call: Call, name: Name, body: TimetableEdit) -> TimetableDocument:
    """Change fields of a timetable, pause or resume it; who changes what it runs, or when, is whom it acts as from now on."""
    edited = call.qdash.timetables.edit(
        call.access, name, as_of=call.as_of, trusted_files=False, **body.given()
    )
    return _shown(call, edited)


@routes.delete("/timetables/{name}", needs=Needs.EDITOR)
def remove_timetable(call: Call, name: Name) -> None:
    """Remove a timetable: what it has started goes on."""
    call.qdash.timetables.remove(call.access, name)


@routes.post("/timetables/{name}/start", needs=Needs.EDITOR, answers=SubmittedDocument, status=202)
def start_timetable(call: Call, name: Name) -> SubmittedDocument:
    """Start what a timetable runs now, whether or not it is paused: refused while its last start has not ended."""
    return SubmittedDocument.of(call.qdash.timetables.start_now(call.access, name))


def _shown(call: Call, view: TimetableView) -> TimetableDocument:
    # What it starts next hangs on the clock: whoever has it asks for the whole again.
    call.changed_at(view.timetable.changed_at, seq=0)
    return TimetableDocument.of(view)
