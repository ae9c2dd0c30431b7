"""Sections of a note: the original's note for one cool-down or time range, with its comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.base import Note
    from qdash_original.original_document import Omission

_TIME = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class NoteSection:
    """Note for a cool-down, a time range or all time, whose heading is empty.

    The omission is reported if there is no such target. `updated_by` and `updated_at` of comments are their authors and
    times.
    """

    omission: Omission
    heading: str
    note: Note
    comments: list[Note]

    @property
    def text(self) -> str:
        """Text with heading and comments; empty without note and comments."""
        lines = [f"{one.updated_by}, {format_time(one.updated_at)}: {one.content}" for one in self.comments]
        body = "\n".join([*filter(None, [self.note.content]), *lines])
        return f"{self.heading}:\n{body}" if self.heading and body else body


def format_time(moment: datetime | None) -> str:
    """Return a time to the minute, or an ellipsis for an open end."""
    return moment.strftime(_TIME) if moment else "…"
