"""Files that are attached to a record, kept beside raw data."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

ATTACHMENTS = "attachments/"
"""Folder of all attachments in the storage of raw data."""


def iterate_attached(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and checksum of each file that is attached to a stored document."""
    for one in document.get("attachments") or ():
        yield one["path"], one["sha256"]


def make_attachment_path(project_id: str, folder: str, now: datetime) -> str:
    """Return a new path for a file of a record; it contains the time of writing."""
    return f"{ATTACHMENTS}{project_id}/{folder}/{int(now.timestamp()):x}-{token_hex(8)}"


def is_written_before(path: str, moment: datetime) -> bool:
    """Return whether the attachment at a path was written before a time; true for a path without a time."""
    seconds, dash, _ = path.rpartition("/")[2].partition("-")
    return not dash or int(seconds, 16) < moment.timestamp()
