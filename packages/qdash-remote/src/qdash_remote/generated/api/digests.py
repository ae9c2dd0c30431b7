"""Operations with the tag `digests`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.digests import DigestDocument
    from qdash_core.documents.sent_digests import SentDigestDocument
    from qdash_remote.generated.client import AuthenticatedClient

ShowDigestPageFormat = Literal["html", "markdown", "text"]


@operation
def show_digest(
    chip_id: str, *, client: AuthenticatedClient, since: str | Unset = UNSET, until: str | Unset = UNSET
) -> Response[DigestDocument]:
    """Show the runs, changes and failures on a chip in a period, and what to do next."""
    from qdash_core.documents.digests import DigestDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/digest",
        DigestDocument,
        params={"since": since, "until": until},
    )


@operation
def show_digest_page(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    format_: ShowDigestPageFormat | Unset = "html",
    width: int | Unset = UNSET,
) -> Response[None]:
    """Show the digest of a chip as text, Markdown or one HTML page."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/digest-page",
        NoneType,
        params={"since": since, "until": until, "format": format_, "width": width},
    )


@operation
def send_digest(
    chip_id: str, *, client: AuthenticatedClient, since: str | Unset = UNSET
) -> Response[SentDigestDocument]:
    """Send the digest of a chip until now by the configured notifiers."""
    from qdash_core.documents.sent_digests import SentDigestDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/digest/delivery",
        SentDigestDocument,
        params={"since": since},
    )
