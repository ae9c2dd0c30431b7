"""Operations of timetables. Workers perform them, not the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.request_parts.path_parts import Name
from qdash_builtin.runs.feature import QUEUE
from qdash_builtin.runs.operations.executions import require_shared_store
from qdash_builtin.runs.views.executions import SubmittedDocument
from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_builtin.timetables.requests import TimetableEdit, TimetableRequest
from qdash_builtin.timetables.views.timetables import TimetableDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.timetables.service import TimetableView

operations = Operations("timetables", place=430)

_NO_WORKER = "no worker is running: timetables start only while `qdash worker` or `qdash up` runs on a machine with this store"
_NO_NOTIFIER = "no notifier is configured here: set QDASH_NOTIFY_WEBHOOK_URL, or QDASH_NOTIFY_MAIL_URL and QDASH_NOTIFY_MAIL_TO, for the workers"


@operations.get(
    "/timetables",
    needs=RequiredRole.VIEWER,
    command=Command(
        "timetable list",
        empty="no timetables yet",
        first="add one with `qdash timetable add NAME CHIP --flow NAME --cron '0 2 * * *'`",
    ),
    for_assistants=True,
)
def list_timetables(call: Call) -> PageOf[TimetableDocument]:
    """List the timetables of the project by name, with their next runs."""
    page = call.qdash.get(TIMETABLES).page(call.access, call.page)
    obstacles = _list_obstacles(call)
    return PageOf[TimetableDocument].from_page(page, lambda one: _make_document(one, obstacles))


@operations.post("/timetables", needs=RequiredRole.EDITOR, status=201, creates=True)
def create_timetable(call: Call, body: TimetableRequest) -> TimetableDocument:
    """Create a timetable; its activity is checked as if it were performed now. One of backups is created by `qdash timetable add`."""
    made = call.qdash.get(TIMETABLES).add(call.access, **dict(body), trusted_files=call.trusted_files)
    return _respond(call, made)


@operations.get(
    "/timetables/{name}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command("timetable show"),
    for_assistants=True,
)
def show_timetable(call: Call, name: Name) -> TimetableDocument:
    """Show a timetable, with its next run and the outcome of its last one."""
    return _respond(call, call.qdash.get(TIMETABLES).show(call.access, name))


@operations.patch(
    "/timetables/{name}",
    needs=RequiredRole.EDITOR,
    edits=True,
    compares="/timetables/{name}",
)
def edit_timetable(call: Call, name: Name, body: TimetableEdit) -> TimetableDocument:
    """Change, pause or resume a timetable. After a change of its activity or times it acts as the caller."""
    edited = call.qdash.get(TIMETABLES).edit(
        call.access, name, as_of=call.as_of, trusted_files=call.trusted_files, **body.get_given_fields()
    )
    return _respond(call, edited)


@operations.delete(
    "/timetables/{name}",
    needs=RequiredRole.EDITOR,
    compares="/timetables/{name}",
    command=Command("timetable remove", says="timetable {name} was removed"),
)
def remove_timetable(call: Call, name: Name) -> TimetableDocument:
    """Delete a timetable; runs that it has started continue."""
    return TimetableDocument.from_removed(call.qdash.get(TIMETABLES).remove(call.access, name))


@operations.post("/timetables/{name}/start", needs=RequiredRole.EDITOR, status=202)
def start_timetable(call: Call, name: Name) -> SubmittedDocument:
    """Start the run of a timetable now, even if it is paused; refused while its last run has not ended, and without a run."""
    require_shared_store(call)
    return SubmittedDocument.from_record(
        call.qdash.get(TIMETABLES).start_now(call.access, name, trusted_files=call.trusted_files)
    )


def _respond(call: Call, view: TimetableView) -> TimetableDocument:
    # Its next run depends on the time: the caller always reads the whole timetable again.
    call.set_changed_at(view.timetable.changed_at, seq=0)
    return _make_document(view, _list_obstacles(call))


def _list_obstacles(call: Call) -> list[str]:
    return [
        *([] if call.qdash.get(QUEUE).list_workers() else [_NO_WORKER]),
        *([] if call.qdash.notifiers else [_NO_NOTIFIER]),
    ]


def _make_document(view: TimetableView, obstacles: Sequence[str]) -> TimetableDocument:
    notifies = get_activity(view.timetable).needs_notifier
    advice = [one for one in obstacles if notifies or one != _NO_NOTIFIER]
    return TimetableDocument.from_view(
        view, advice=advice if view.timetable.next_at or view.waits_for else ()
    )
