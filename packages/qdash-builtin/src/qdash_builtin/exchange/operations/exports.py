"""Operations for formats of files, and for the export and import of chips as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.exchange.import_filter import ImportFilter
from qdash_builtin.exchange.requests.exports import ExportQuery, ImportQuery
from qdash_builtin.exchange.views.exchange import ExportedFilesDocument, FormatDocument, ImportDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.parsing.limits import JSON_EXPORT

if TYPE_CHECKING:
    from qdash_builtin.exchange.import_result import ExportedFiles, ImportPreview

operations = Operations("exports", place=330)


@operations.get("/formats", needs=RequiredRole.VIEWER)
def list_formats(call: Call) -> PageOf[FormatDocument]:
    """List the installed formats for the import and export of chips, with their abilities."""
    page = Page.from_all_items(
        call.qdash.get(EXCHANGE).list_formats(call.access), call.page, lambda one: (one.name,)
    )
    return PageOf.from_page(page, FormatDocument.from_record)


@operations.get(
    "/chips/{chip_id}/export", needs=RequiredRole.VIEWER, media_type="application/octet-stream", slow=True
)
def export_chip(
    call: Call,
    chip_id: ChipId,
    query: ExportQuery,
) -> FileAnswer:
    """Export a chip with its accepted values as a file. JSON and YAML can be imported again.

    A format that copies files of the laboratory on the host, such as `qubex-params`, requires an
    administrator: other users are refused (403).
    """
    name, contents = _export(call, chip_id, query).pack(f"{chip_id}-{query.format}")
    return FileAnswer([contents], name=name, media_type="application/octet-stream")


@operations.get("/chips/{chip_id}/exported-files", needs=RequiredRole.VIEWER, slow=True)
def export_files(call: Call, chip_id: ChipId, query: ExportQuery) -> ExportedFilesDocument:
    """Export a chip as `export_chip`, with the targets that the files leave out, and notes on others."""
    return ExportedFilesDocument.from_files(_export(call, chip_id, query))


@operations.post(
    "/imports/comparison",
    needs=RequiredRole.VIEWER,
    slow=True,
    reads=True,
    largest_body=JSON_EXPORT.size,
)
def compare_import(call: Call, contents: RawBody, query: ImportQuery) -> ImportDocument:
    """Compare a file with the chip that its import would change or create."""
    return ImportDocument.from_preview(_compare(call, contents, query))


@operations.post("/imports", needs=RequiredRole.EDITOR, slow=True, largest_body=JSON_EXPORT.size)
def import_file(
    call: Call,
    contents: RawBody,
    query: ImportQuery,
    basis: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            description="`basis` of a comparison: the file is imported only if neither it nor the chip has changed since (412).",
        ),
    ] = None,
) -> ImportDocument:
    """Import what is new or different in a file into a chip, or create the chip."""
    return _import(call, _compare(call, contents, query), basis=basis)


def _import(call: Call, incoming: ImportPreview, *, basis: str | None = None) -> ImportDocument:
    wanted = incoming.makes_a_chip or incoming.comparison.changes_something
    arrived = call.qdash.get(EXCHANGE).perform_import(call.access, incoming, basis=basis) if wanted else None
    return ImportDocument.from_preview(incoming, arrived)


def _compare(call: Call, contents: bytes, query: ImportQuery) -> ImportPreview:
    """Return the comparison of an upload, or without contents, on the home of this machine, of the file or folder itself."""
    exchange, choice = call.qdash.get(EXCHANGE), ImportFilter.parse(query.only, older=query.older)
    named = {"chip_id": query.chip_id, "new_id": query.new_id, "backend": query.backend}
    if call.trusted_files and not contents:
        place = Path(query.source or query.name)
        return exchange.compare(call.access, place, **named, format_name=query.format, choice=choice)
    return exchange.compare_contents(
        call.access,
        query.name,
        contents,
        source=query.source or "",
        **named,
        format_name=query.format,
        choice=choice,
    )


def _export(call: Call, chip_id: str, query: ExportQuery) -> ExportedFiles:
    return call.qdash.get(EXCHANGE).export(
        call.access, chip_id, query.format, query.make_request(), gives_files=call.administers
    )
