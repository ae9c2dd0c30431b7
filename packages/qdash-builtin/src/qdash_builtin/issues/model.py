"""Laboratory issues and their events."""

from enum import StrEnum
from typing import Literal

from qdash_builtin.attachments.model import Attachment
from qdash_core.models.base import Record, UtcDatetime


class IssueState(StrEnum):
    """State of an issue."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    CLOSED = "closed"


UNSOLVED = IssueState.OPEN, IssueState.IN_PROGRESS
"""States of an issue that still needs work."""

ISSUE_TRANSITIONS: dict[IssueState, tuple[IssueState, ...]] = {
    IssueState.OPEN: (IssueState.IN_PROGRESS, IssueState.CLOSED),
    IssueState.IN_PROGRESS: (IssueState.OPEN, IssueState.CLOSED),
    IssueState.CLOSED: (IssueState.OPEN,),
}
"""Legal changes of state."""


class IssueModel(Record):
    """A problem of the laboratory, with links to a chip and its results. Its comments are events."""

    project_id: str
    issue_id: str
    """Number of the issue in the project, counted from 1."""
    username: str
    """Author."""
    title: str
    body: str = ""
    """Description in Markdown. Its pictures are figures of results and files of the issue."""
    state: IssueState = IssueState.OPEN
    labels: list[str] = []
    assignees: list[str] = []
    chip_id: str = ""
    targets: list[str] = []
    """Qubits and couplings of the chip."""
    task_id: str = ""
    """The result that it is about."""
    task: str = ""
    """Name of the task of this result."""
    metrics: list[str] = []
    """Parameters that it is about."""
    execution_id: str = ""
    cooldown_id: str = ""
    closed_by: str = ""
    closed_at: UtcDatetime | None = None
    closing_comment: int | None = None
    """Number of the comment with which it was closed."""
    n_comments: int = 0
    n_events: int = 0
    """Number of its last event."""
    words: str = ""
    """Search terms of its title, labels, description and comments, limited in number."""
    attachments: list[Attachment] = []
    """Files that its texts may show, by name."""

    @property
    def n_files(self) -> int:
        """Number of its files."""
        return len(self.attachments)


class IssueEventKind(StrEnum):
    """Kind of an event of an issue."""

    OPENED = "opened"
    EDITED = "edited"
    """The title or description was changed."""
    COMMENTED = "commented"
    COMMENT_EDITED = "comment edited"
    COMMENT_REMOVED = "comment removed"
    ASSIGNED = "assigned"
    LABELLED = "labelled"
    LINKED = "linked"
    STATE_CHANGED = "state changed"
    FILES_CHANGED = "files changed"
    """A file was attached, replaced or removed."""
    DELETED = "deleted"


UNEDITED_EVENTS = (
    IssueEventKind.COMMENTED,
    IssueEventKind.COMMENT_EDITED,
    IssueEventKind.COMMENT_REMOVED,
    IssueEventKind.FILES_CHANGED,
)
"""Kinds of events that change no field that users edit."""


class IssueEventModel(Record):
    """An event of an issue. `created_at` is its time, which is `updated_at` of the issue after the event.

    Events are never removed. They lose their texts when their comment is removed or the issue is deleted.
    """

    project_id: str
    issue: int
    """Number of the issue."""
    number: int
    """Number of the event in the issue, counted from 1."""
    kind: IssueEventKind
    username: str
    text: str = ""
    """Text of a comment."""
    comment: int | None = None
    """Number of the edited or removed comment, or of the comment that explains a change of state."""
    before: dict[str, str | list[str]] = {}
    """Former values of the changed fields."""
    after: dict[str, str | list[str]] = {}
    """New values of the changed fields."""
    origin: str = ""
    """Collection and id of the document of the original from which it was imported; empty for others."""


ReasonKind = Literal["result", "target", "neighbour", "multiplexer", "task", "metric", "words"]
"""Property that similar issues have in common. A neighbour has a common qubit."""
