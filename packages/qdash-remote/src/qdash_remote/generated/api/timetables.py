"""Operations with the tag `timetables`, and their models."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Literal

from attrs import define

from qdash_remote.generated.operation import Body, PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.executions import SubmittedDocument
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_core.models.backup import BackupRequest
    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.keep_request import KeepRequest
    from qdash_core.models.request import RunRequest
    from qdash_core.models.timetable import Cron, Interval, Moment
    from qdash_remote.generated.client import AuthenticatedClient

TimetableEditMissedType0 = Literal["once", "skip"]
TimetableRequestMissed = Literal["once", "skip"]


@define
class TimetableEdit(Body):
    """Changes of a timetable; absent fields are unchanged, null clears `until` or `begin_within_s`. A
    timetable keeps the kind of its activity."""

    request: RunRequest | None | Unset = UNSET
    """Run to start; its user is that of the timetable. For a saved flow without a version, each start uses
    the newest one. Absent for others."""
    digest: DigestRequest | None | Unset = UNSET
    """Digest to send, by the notifiers of the workers. Absent for others."""
    keep: KeepRequest | None | Unset = UNSET
    """Ages up to which data of the project are kept; older ones are removed unless something refers to
    them. For owners. Absent for others."""
    backup: BackupRequest | None | Unset = UNSET
    """Backup of the whole store to make, for owners of project `default`. Absent for others."""
    when: Cron | Interval | Moment | None | Unset = UNSET
    timezone: str | None | Unset = UNSET
    paused: bool | None | Unset = UNSET
    missed: TimetableEditMissedType0 | None | Unset = UNSET
    until: datetime.datetime | None | Unset = UNSET
    begin_within_s: float | None | Unset = UNSET


@define
class TimetableRequest(Body):
    """Request to create a timetable, with the request of one activity."""

    name: str
    when: Cron | Interval | Moment
    request: RunRequest | None | Unset = UNSET
    """Run to start; its user is that of the timetable. For a saved flow without a version, each start uses
    the newest one. Absent for others."""
    digest: DigestRequest | None | Unset = UNSET
    """Digest to send, by the notifiers of the workers. Absent for others."""
    keep: KeepRequest | None | Unset = UNSET
    """Ages up to which data of the project are kept; older ones are removed unless something refers to
    them. For owners. Absent for others."""
    backup: BackupRequest | None | Unset = UNSET
    """Backup of the whole store to make, for owners of project `default`. Absent for others."""
    timezone: str | None | Unset = UNSET
    """Time zone of a cron expression and of the start of a digest; absent: that of the host's home."""
    paused: bool | Unset = UNSET
    missed: TimetableRequestMissed | Unset = UNSET
    """Policy for missed times: nothing, or one start for all of them."""
    until: datetime.datetime | None | Unset = UNSET
    """Last time of a start; absent: no limit."""
    begin_within_s: float | None | Unset = UNSET
    """Maximum delay of a start, in seconds; later the run is dropped; absent: it waits without limit."""


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
