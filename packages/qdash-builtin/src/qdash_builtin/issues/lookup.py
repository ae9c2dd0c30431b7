"""Issues and events that a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.change import IssueChange
from qdash_builtin.issues.repository import IssueEventRepository, IssueRepository
from qdash_builtin.issues.texts import parse_issue_id
from qdash_core.errors import NotFoundError
from qdash_core.models.base import make_later_time
from qdash_core.models.times import format_time

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.issues.model import IssueEventModel, IssueModel
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


def require_issue(repositories: Repositories, access: Access, issue_id: str, zone: ZoneInfo) -> IssueModel:
    """Return an issue; NotFoundError if there is none, for a deleted one with the user and time of the deletion."""
    wanted = parse_issue_id(issue_id)
    issue = repositories.of(IssueRepository).find(access.project_id, wanted)
    if issue is not None:
        return issue
    last = require_events(repositories, access, wanted)[-1]
    raise NotFoundError(
        f"issue {wanted} was deleted by {last.username} at {format_time(last.created_at, zone)}: "
        f"`qdash issue events {wanted}` shows its trace"
    )


def require_events(repositories: Repositories, access: Access, issue_id: str) -> list[IssueEventModel]:
    """Return the events of an issue, also of a deleted one; NotFoundError if there never was such an issue."""
    number = int(parse_issue_id(issue_id))
    events = repositories.of(IssueEventRepository).list_by_issue(access.project_id, number)
    if not events:
        last = repositories.of(IssueEventRepository).get_last_issue(access.project_id)
        known = f"its last one is {last}" if last else "it has none yet"
        raise NotFoundError(f"there is no issue {number} in project {access.project_id}: {known}")
    return events


def begin_change(
    repositories: Repositories, access: Access, issue_id: str, *, now: datetime, zone: ZoneInfo
) -> IssueChange:
    """Begin a change of an issue; its time is after that of the last one."""
    issue = require_issue(repositories, access, issue_id, zone)
    events = repositories.of(IssueEventRepository).list_by_issue(access.project_id, int(issue.issue_id))
    return IssueChange(repositories, access, issue, make_later_time(issue.updated_at, now), events)
