"""Operations of releases: named, immutable sets of the accepted values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.comparisons.views.comparisons import PointComparisonDocument
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.exchange.requests.exports import ExportQuery
from qdash_builtin.exchange.requests.releases import ReleaseRequest
from qdash_builtin.exchange.views.exchange import ExportedFilesDocument
from qdash_builtin.exchange.views.releases import ReleaseDocument, ReleaseHeader
from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_builtin.values.point_in_time import name_release
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.exchange.import_result import ExportedFiles

operations = Operations("releases", place=230)
_Compared = Annotated[
    str, Field(min_length=1, max_length=64, description="Name of a release, or `now` for the present chip.")
]


@operations.get(
    "/chips/{chip_id}/releases",
    needs=RequiredRole.VIEWER,
    command=Command(
        "release list", empty="no releases of {chip_id}", first="`qdash release create {chip_id}` makes one"
    ),
    for_assistants=True,
)
def list_releases(call: Call, chip_id: ChipId) -> PageOf[ReleaseHeader]:
    """List the releases of a chip, newest first."""
    found = call.qdash.get(RELEASES).list_by_chip(call.access, chip_id)
    page = Page.from_all_items(found, call.page, lambda one: (-one.created_at.timestamp(), one.name))
    return PageOf.from_page(page, ReleaseHeader.from_record)


@operations.post(
    "/chips/{chip_id}/releases",
    needs=RequiredRole.EDITOR,
    status=201,
    idempotent=True,
    slow=True,
    command=Command("release create", says="release {name} of {chip_id}: {n_values} values"),
)
def create_release(call: Call, chip_id: ChipId, body: ReleaseRequest) -> ReleaseHeader:
    """Create a release of the accepted values of a chip, with its design, wiring and metrics file."""
    return ReleaseHeader.from_record(
        call.qdash.get(RELEASES).create(
            call.access, chip_id, body.name, note=body.note, key=call.idempotency_key
        )
    )


@operations.get(
    "/chips/{chip_id}/release-comparison",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command(
        "release diff", help="Compare two releases; `now`, the default of B, is the present chip."
    ),
    for_assistants=True,
)
def compare_releases(
    call: Call,
    chip_id: ChipId,
    first: Annotated[_Compared, OnCommandLine(metavar="A", is_argument=True)],
    second: Annotated[_Compared, OnCommandLine(metavar="B", is_argument=True)] = "now",
) -> PointComparisonDocument:
    """Compare two releases, or a release with the present chip."""
    found = call.qdash.get(COMPARISONS).compare(
        call.access, name_release(first), name_release(second), chip_id=chip_id
    )
    return PointComparisonDocument.from_comparison(found)


@operations.get(
    "/chips/{chip_id}/releases/{name}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    slow=True,
    command=Command("release show"),
    for_assistants=True,
)
def show_release(call: Call, chip_id: ChipId, name: Name) -> ReleaseDocument:
    """Show the values of a release."""
    found = call.qdash.get(RELEASES).show(call.access, chip_id, name)
    call.set_changed_at(found.header.changed_at)
    return ReleaseDocument.from_contents(found)


@operations.delete("/chips/{chip_id}/releases/{name}", needs=RequiredRole.EDITOR)
def delete_release(call: Call, chip_id: ChipId, name: Name) -> ReleaseHeader:
    """Delete a release. The values of the chip stay."""
    return ReleaseHeader.from_record(call.qdash.get(RELEASES).delete(call.access, chip_id, name))


@operations.get(
    "/chips/{chip_id}/releases/{name}/export",
    needs=RequiredRole.VIEWER,
    media_type="application/octet-stream",
    slow=True,
)
def export_release(call: Call, chip_id: ChipId, name: Name, query: ExportQuery) -> FileAnswer:
    """Export the chip of a release as a file."""
    file_name, contents = _export(call, chip_id, name, query).pack(f"{chip_id}-{name}-{query.format}")
    return FileAnswer([contents], name=file_name, media_type="application/octet-stream")


@operations.get(
    "/chips/{chip_id}/releases/{name}/exported-files",
    needs=RequiredRole.VIEWER,
    slow=True,
)
def export_files_of_release(
    call: Call, chip_id: ChipId, name: Name, query: ExportQuery
) -> ExportedFilesDocument:
    """Export the chip of a release as `export_release`, with the targets that the files leave out, and notes on others."""
    return ExportedFilesDocument.from_files(_export(call, chip_id, name, query))


def _export(call: Call, chip_id: str, name: str, query: ExportQuery) -> ExportedFiles:
    return call.qdash.get(RELEASES).export(
        call.access, chip_id, name, query.format, query.make_request(), gives_files=call.administers
    )
