"""Formats of digests as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.digests.digest import Digest

FORMATS = ("text", "markdown", "html")


def write_digest(digest: Digest, zone: ZoneInfo, format_name: str) -> str:
    """Return a digest as text in one of the `FORMATS`.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    match format_name:
        case "text":
            from qdash_core.digests.text import make_text

            return make_text(digest, zone)
        case "markdown":
            from qdash_core.digests.text import make_markdown

            return make_markdown(digest, zone)
        case "html":
            from qdash_core.digests.html import make_html

            return make_html(digest, zone)
        case _:
            raise ValueError(f"there is no format {format_name!r} of digests")
