"""Notice: an event with the details that users need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """An event for notifiers. Its string form is a message for users: the text, or else the title and the fields.

    Parameters
    ----------
    kind : str
        Subject and new state, such as `execution.failed`.
    project_id, chip_id, execution_id, task_id : str
        Subject of the event; `task_id` is empty unless it is about a task.
    title : str
        The message in one line.
    fields : mapping of str to str
        Further details by name, in display order.
    text, html : str
        The whole message as plain text for a monospaced font, and as an HTML page; empty for an event that the title and the fields
        describe.
    """

    kind: str
    project_id: str
    chip_id: str
    execution_id: str
    task_id: str
    at: datetime
    data: Mapping[str, Any]
    title: str
    fields: Mapping[str, str]
    text: str = ""
    html: str = ""

    def __str__(self) -> str:
        return self.text or "\n".join(
            [self.title, *(f"{name}: {value}" for name, value in self.fields.items())]
        )


def make_one_line(text: str) -> str:
    """Return a text in one line: spaces in place of line breaks and control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
