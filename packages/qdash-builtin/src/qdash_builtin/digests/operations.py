"""Operations of the digest of a chip: events since a point in time, with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from qdash_builtin.digests.feature import DIGEST_DELIVERY, DIGESTS
from qdash_builtin.digests.formats import write_digest
from qdash_builtin.digests.views import DigestDocument, SentDigestDocument
from qdash_builtin.request_parts.path_parts import ChipId
from qdash_core.models.project import DEFAULT_USER
from qdash_core.operations.answers import TextAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.digests.digest import Digest

operations = Operations("digests", place=140)
_Since = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description="Start: a time, a time of day (the last one), a duration before now such as `12h`, an execution id (its end) or "
        "`release:NAME`; `last-night` or `night-before-last`, from 18:00 to 12:00. Absent: 18:00 the day before.",
    ),
]
_Until = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description="End: as the start, but no night. A digest of the past shows what was known and advised at its end. Absent: now.",
    ),
]
_Width = Annotated[
    int | None, Field(ge=20, le=1000, description="Width of lines of `text`; absent: lines are not wrapped.")
]
_Format = Literal["text", "markdown", "html"]
_MEDIA_TYPES: dict[_Format, str] = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}


def _make_digest(call: Call, chip_id: str, since: str | None, until: str | None) -> Digest:
    """Return a digest whose commands the caller can run: a host refuses `--user`, as the token names the user."""
    username = call.username if call.token is None else DEFAULT_USER
    return call.qdash.get(DIGESTS).make(call.access, chip_id, since, until, username=username)


@operations.get(
    "/chips/{chip_id}/digest",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    for_assistants=True,
    for_answers=True,
)
def show_digest(call: Call, chip_id: ChipId, since: _Since = None, until: _Until = None) -> DigestDocument:
    """Show the runs, changes and failures on a chip in a period, and what to do next."""
    with call.qdash.get(DIGESTS).read_version(call.access, chip_id) as (changed_at, seq):
        call.set_changed_at(changed_at, seq=seq, ages=True)
        return DigestDocument.from_digest(_make_digest(call, chip_id, since, until))


@operations.get("/chips/{chip_id}/digest-page", needs=RequiredRole.VIEWER, media_type="text/*", slow=True)
def show_digest_page(
    call: Call,
    chip_id: ChipId,
    since: _Since = None,
    until: _Until = None,
    format: Annotated[  # noqa: A002  name of the query parameter
        _Format, Field(description="`html` is one page without scripts that needs no network.")
    ] = "html",
    width: _Width = None,
) -> TextAnswer:
    """Show the digest of a chip as text, Markdown or one HTML page."""
    made = _make_digest(call, chip_id, since, until)
    return TextAnswer(
        write_digest(made, call.qdash.zone, format, width=width),
        media_type=_MEDIA_TYPES[format],
    )


@operations.post("/chips/{chip_id}/digest/delivery", needs=RequiredRole.EDITOR, slow=True)
def send_digest(call: Call, chip_id: ChipId, since: _Since = None) -> SentDigestDocument:
    """Send the digest of a chip until now by the configured notifiers."""
    return SentDigestDocument.from_record(call.qdash.get(DIGEST_DELIVERY).send(call.access, chip_id, since))
