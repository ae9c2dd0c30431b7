"""Routes of the digest of a chip: events since a point in time, with advice."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from qdash_api.middleware.security_headers import PAGE_POLICY
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ChipId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.digests.formats import write_digest
from qdash_core.documents.digests import DigestDocument

routes = Routes("digests")
_Since = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="Start: a time, a time of day (the last one), a duration before now such as `12h`, an execution id (its end) or "
        "`release:NAME`; `last-night` or `night-before-last`, from 18:00 to 12:00. Absent: 18:00 the day before.",
    ),
]
_Until = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="End: as the start, but no night. A digest of the past shows what was known and advised at its end. Absent: now.",
    ),
]
_Format = Literal["text", "markdown", "html"]
_MEDIA_TYPES: dict[_Format, str] = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}


@routes.get("/chips/{chip_id}/digest", needs=RequiredRole.VIEWER, answers=DigestDocument, slow=True)
def show_digest(call: Call, chip_id: ChipId, since: _Since = None, until: _Until = None) -> DigestDocument:
    """Show the runs, changes and failures on a chip in a period, and what to do next."""
    return DigestDocument.from_digest(call.qdash.digests.make(call.access, chip_id, since, until))


@routes.get("/chips/{chip_id}/digest-page", needs=RequiredRole.VIEWER, media_type="text/*", slow=True)
def show_digest_page(
    call: Call,
    chip_id: ChipId,
    since: _Since = None,
    until: _Until = None,
    format: Annotated[  # noqa: A002  name of the query parameter
        _Format, Query(description="`html` is one page without scripts that needs no network.")
    ] = "html",
) -> Response:
    """Show the digest of a chip as text, Markdown or one HTML page."""
    made = call.qdash.digests.make(call.access, chip_id, since, until)
    return Response(
        write_digest(made, call.qdash.zone, format),
        media_type=_MEDIA_TYPES[format],
        headers={"content-security-policy": PAGE_POLICY},
    )
