"""One change of an issue: its events, its new state, and the event for listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.model import (
    ISSUE_TRANSITIONS,
    UNEDITED_EVENTS,
    IssueEventKind,
    IssueEventModel,
    IssueState,
)
from qdash_builtin.issues.repository import IssueEventRepository, IssueRepository
from qdash_builtin.issues.texts import find_mentions
from qdash_builtin.issues.view import collect_comments, collect_words
from qdash_core.errors import ConflictError, IllegalTransitionError
from qdash_core.models.base import refuse_stale
from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.identity import ProjectMembershipRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.attachments.model import Attachment
    from qdash_builtin.issues.model import IssueModel
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories

MOST_EVENTS = 2000
"""Maximum number of events of an issue, except for those that end something: each request reads all."""
_ALWAYS = IssueEventKind.STATE_CHANGED, IssueEventKind.COMMENT_REMOVED, IssueEventKind.DELETED


@dataclass(slots=True)
class IssueChange:
    """A change of an issue in a transaction.

    Parameters
    ----------
    issue : IssueModel
        The issue, replaced with each part of the change.
    now : datetime
        Time of the change, after that of every event.
    events : list of IssueEventModel
        All events of the issue in order.
    """

    repositories: Repositories
    access: Access
    issue: IssueModel
    now: datetime
    events: list[IssueEventModel] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """New texts, which may mention users."""

    def refuse_stale(self, as_of: datetime | None) -> None:
        """Raise StaleError if the issue was changed since `as_of`, its time when it was read, unless this is None. Comments and files change no field."""
        later = [event for event in self.events if as_of is not None and event.created_at > as_of]
        known = any(event.created_at == as_of for event in self.events)
        if not known or any(event.kind not in UNEDITED_EVENTS for event in later):
            refuse_stale(f"issue {self.issue.issue_id}", self.issue.updated_at, as_of)

    def set_fields(self, kind: IssueEventKind, *, comment: int | None = None, **values: Any) -> None:
        """Set fields, and log those that differ as one event."""
        before = {name: getattr(self.issue, name) for name in values}
        differing = [name for name in values if values[name] != before[name]]
        if differing:
            self.log(
                kind,
                comment=comment,
                before={name: before[name] for name in differing},
                after={name: values[name] for name in differing},
            )
            self.update(**values)
            self.changed += differing

    def set_state(self, state: IssueState, *, comment: int | None = None) -> str:
        """Change the state, and return what happened; raise IllegalTransitionError if it cannot be the next one."""
        former = self.issue.state
        if state not in ISSUE_TRANSITIONS[former]:
            raise IllegalTransitionError(
                f"issue {self.issue.issue_id} is {former}, and can become {' or '.join(ISSUE_TRANSITIONS[former])}"
            )
        self.set_fields(IssueEventKind.STATE_CHANGED, comment=comment, state=state)
        if state is IssueState.CLOSED:
            self.update(closed_by=self.access.username, closed_at=self.now, closing_comment=comment)
            return "closed"
        self.update(closed_by="", closed_at=None, closing_comment=None)
        return "reopened" if former is IssueState.CLOSED else "changed"

    def set_files(self, files: list[Attachment]) -> None:
        """Set the files, and log each that is new, replaced or gone as one event."""
        former, present = ({one.path: one.name for one in some} for some in (self.issue.attachments, files))
        gone = {name for path, name in former.items() if path not in present}
        new = {name for path, name in present.items() if path not in former}
        for name in sorted(gone | new):
            before, after = (name if name in some else "" for some in (gone, new))
            self.log(IssueEventKind.FILES_CHANGED, before={"file": before}, after={"file": after})
        self.update(attachments=files)
        self.changed.append("attachments")

    def update(self, **values: Any) -> None:
        """Set fields without an event."""
        self.issue = self.issue.model_copy(update=values)

    def log(self, kind: IssueEventKind, **details: Any) -> int:
        """Add an event, and return its number; raise ConflictError if there are too many."""
        number = self.issue.n_events + 1
        if number > MOST_EVENTS and kind not in _ALWAYS:
            raise ConflictError(
                f"issue {self.issue.issue_id} has {MOST_EVENTS} events, which is the limit: close it, and open another issue"
            )
        event = IssueEventModel(
            project_id=self.issue.project_id,
            issue=int(self.issue.issue_id),
            number=number,
            kind=kind,
            username=self.access.username,
            created_at=self.now,
            updated_at=self.now,
            **details,
        )
        self.repositories.of(IssueEventRepository).put(event)
        self.events.append(event)
        self.update(n_events=number)
        return number

    def erase_texts(self, *, comment: int | None = None) -> None:
        """Erase all texts from the events, or only those of one comment."""
        no_texts: dict[str, Any] = (
            {"text": ""} if comment is not None else {"text": "", "before": {}, "after": {}}
        )
        for place, event in enumerate(self.events):
            if comment is None or comment in (event.number, event.comment):
                self.events[place] = event.model_copy(update=no_texts)
                self.repositories.of(IssueEventRepository).put(self.events[place])

    def write(self, what: str) -> EventModel:
        """Store the issue, record an event of its new state, such as `opened`, for listeners, and return that event."""
        comments = collect_comments(self.events)
        self.update(words=collect_words(self.issue, comments), n_comments=len(comments), updated_at=self.now)
        self.repositories.of(IssueRepository).put(self.issue)
        return self.record_event(what)

    def record_event(self, what: str) -> EventModel:
        """Record an event for listeners, without texts, and return it."""
        issue = self.issue
        memberships = self.repositories.of(ProjectMembershipRepository).list_by_project(issue.project_id)
        members = {one.username for one in memberships if one.active}
        data = {
            "issue_id": issue.issue_id,
            "username": self.access.username,
            "state": str(issue.state),
            "targets": issue.targets,
            "assignees": issue.assignees,
            "mentioned": find_mentions("\n".join(self.texts), members),
            "changed": self.changed,
        }
        event = EventModel(
            project_id=issue.project_id,
            kind=f"issue.{what}",
            chip_id=issue.chip_id,
            data={name: value for name, value in data.items() if value},
        )
        self.repositories.of(EventRepository).append(event)
        return event
