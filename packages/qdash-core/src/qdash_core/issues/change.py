"""One change of an issue: its events, its new state, and the event for listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.issues.texts import find_mentions
from qdash_core.issues.view import collect_comments, collect_words
from qdash_core.models.base import make_later_time
from qdash_core.models.execution import EventModel
from qdash_core.models.issue import IssueEventKind, IssueEventModel

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.issue import IssueModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(slots=True)
class IssueChange:
    """A change of an issue in a transaction.

    Parameters
    ----------
    repositories : Repositories
        The store, within the transaction.
    access : Access
        The user.
    issue : IssueModel
        The issue, replaced with each part of the change.
    now : datetime
        Time of the change.
    """

    repositories: Repositories
    access: Access
    issue: IssueModel
    now: datetime
    changed: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """New texts, which may mention users."""

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

    def update(self, **values: Any) -> None:
        """Set fields without an event."""
        self.issue = self.issue.model_copy(update=values)

    def log(self, kind: IssueEventKind, **details: Any) -> int:
        """Add an event, and return its number."""
        number = self.issue.n_events + 1
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
        self.repositories.issue_events.put(event)
        self.update(n_events=number)
        return number

    def add_comment(self, text: str) -> int:
        """Add a comment, and return its number."""
        self.texts.append(text)
        return self.log(IssueEventKind.COMMENTED, text=text)

    def write(self, what: str) -> EventModel:
        """Store the issue, record an event for listeners, and return that event.

        Parameters
        ----------
        what : str
            One of `ISSUE_EVENTS`.
        """
        issue = self.issue
        events = self.repositories.issue_events.list_by_issue(issue.project_id, int(issue.issue_id))
        comments = collect_comments(events)
        moment = make_later_time(issue.updated_at, self.now) if len(events) > 1 else self.now
        self.update(words=collect_words(issue, comments), n_comments=len(comments), updated_at=moment)
        self.repositories.issues.put(self.issue)
        return self.record_event(what)

    def record_event(self, what: str) -> EventModel:
        """Record an event for listeners, without texts, and return it."""
        issue = self.issue
        memberships = self.repositories.memberships.list_by_project(issue.project_id)
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
        self.repositories.events.append(event)
        return event
