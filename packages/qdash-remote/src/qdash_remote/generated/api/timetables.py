"""Operations with the tag `timetables`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.executions import SubmittedDocument
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_core.resources.requests.timetables import TimetableEdit, TimetableRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_timetables(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TimetableDocument]]:
    """List the timetables of the project by name, with their next runs."""
    from qdash_core.documents.timetables import TimetableDocument

    return send_request(
        client, "GET", "/timetables", page_of(TimetableDocument), params={"limit": limit, "after": after}
    )


@operation
def create_timetable(*, client: AuthenticatedClient, body: TimetableRequest) -> Response[TimetableDocument]:
    """Create a timetable; its activity is checked as if it were performed now. One of backups is created
    by `qdash timetable add`."""
    from qdash_core.documents.timetables import TimetableDocument

    return send_request(client, "POST", "/timetables", TimetableDocument, status=201, body=body)


@operation
def show_timetable(name: str, *, client: AuthenticatedClient) -> Response[TimetableDocument]:
    """Show a timetable, with its next run and the outcome of its last one."""
    from qdash_core.documents.timetables import TimetableDocument

    return send_request(client, "GET", f"/timetables/{quote_segment(name)}", TimetableDocument)


@operation
def remove_timetable(name: str, *, client: AuthenticatedClient) -> Response[None]:
    """Delete a timetable; runs that it has started continue."""
    return send_request(client, "DELETE", f"/timetables/{quote_segment(name)}", NoneType, status=204)


@operation
def edit_timetable(
    name: str, *, client: AuthenticatedClient, body: TimetableEdit, if_match: str | Unset = UNSET
) -> Response[TimetableDocument]:
    """Change, pause or resume a timetable. After a change of its activity or times it acts as the caller."""
    from qdash_core.documents.timetables import TimetableDocument

    return send_request(
        client,
        "PATCH",
        f"/timetables/{quote_segment(name)}",
        TimetableDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def start_timetable(name: str, *, client: AuthenticatedClient) -> Response[SubmittedDocument]:
    """Start the run of a timetable now, even if it is paused; refused while its last run has not ended,
    and without a run."""
    from qdash_core.documents.executions import SubmittedDocument

    return send_request(
        client, "POST", f"/timetables/{quote_segment(name)}/start", SubmittedDocument, status=202
    )
