"""View of an issue: its comments as they are now, and its pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.issues.texts import PictureAddress, list_pictures
from qdash_core.models.issue import IssueEventKind
from qdash_core.repositories.documents import search_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from qdash_core.models.issue import IssueEventModel, IssueModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it is now.

    Parameters
    ----------
    number : int
        Number of the event that added it.
    username : str
        Author.
    created_at : datetime
        Time of the event.
    text : str
        Present text.
    edited_by : str
        User who edited it last, or empty.
    edited_at : datetime or None
        Time of the last edit.
    """

    number: int
    username: str
    created_at: datetime
    text: str
    edited_by: str = ""
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a text. `result` is None if there is no such result with raw data."""

    address: PictureAddress
    result: TaskResultModel | None


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue with its comments, oldest first, and the pictures of all its texts."""

    issue: IssueModel
    comments: Sequence[Comment]
    pictures: Sequence[Picture]

    @property
    def closing(self) -> Comment | None:
        """The comment with which the issue was closed, or None."""
        return next((one for one in self.comments if one.number == self.issue.closing_comment), None)


def collect_comments(events: Iterable[IssueEventModel]) -> list[Comment]:
    """Return the present comments of an issue, oldest first."""
    comments: dict[int, Comment] = {}
    for event in events:
        match event.kind:
            case IssueEventKind.COMMENTED:
                comments[event.number] = Comment(event.number, event.username, event.created_at, event.text)
            case IssueEventKind.COMMENT_EDITED if event.comment in comments:
                comments[event.comment] = replace(
                    comments[event.comment],
                    text=event.text,
                    edited_by=event.username,
                    edited_at=event.created_at,
                )
            case IssueEventKind.COMMENT_REMOVED if event.comment is not None:
                comments.pop(event.comment, None)
    return list(comments.values())


def make_view(repositories: Repositories, issue: IssueModel) -> IssueView:
    """Return the view of an issue."""
    comments = collect_comments(
        repositories.issue_events.list_by_issue(issue.project_id, int(issue.issue_id))
    )
    texts = [issue.body, *(comment.text for comment in comments)]
    addresses = dict.fromkeys(address for text in texts for address in list_pictures(text))
    pictures = [Picture(one, find_drawable(repositories, issue.project_id, one.task_id)) for one in addresses]
    return IssueView(issue, comments, pictures)


def find_drawable(repositories: Repositories, project_id: str, task_id: str) -> TaskResultModel | None:
    """Return a result with raw data, or None."""
    result = repositories.results.find(project_id, task_id)
    return result if result is not None and result.raw_data_path else None


def collect_words(issue: IssueModel, comments: Iterable[Comment]) -> str:
    """Return the search terms of an issue and its comments as one text, which has the same terms."""
    texts = [issue.title, issue.body, *issue.labels, *(comment.text for comment in comments)]
    return " ".join(sorted(search_terms("\n".join(texts))))
