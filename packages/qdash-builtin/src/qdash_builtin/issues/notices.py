"""Text of notices of changes of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel


def describe_event(event: EventModel) -> dict[str, str]:
    """Return the texts of a notice by name."""
    title = event.data.get("title")
    lists = ("targets", "assignees", "mentioned", "changed")
    return {
        "issue": f"issue {event.data['issue_id']}" + (f" ({title})" if title else ""),
        **{name: ", ".join(event.data.get(name) or ()) for name in lists},
    }
