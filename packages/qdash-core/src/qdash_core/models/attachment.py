"""Files that are attached to a record, kept beside raw data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ATTACHMENTS = "attachments/"
"""Folder of all attachments in the storage of raw data."""


def iterate_attached(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and checksum of each file that is attached to a stored document."""
    for one in document.get("attachments") or ():
        yield one["path"], one["sha256"]
