"""View of an issue: its comments as they are now, its pictures and search terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_builtin.issues.model import IssueEventKind
from qdash_builtin.issues.pictures import Picture, find_pictures
from qdash_core.repositories.documents import search_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from qdash_builtin.issues.model import IssueEventModel, IssueModel
    from qdash_core.repositories.repositories import Repositories

_MOST_TERMS = 5000
"""Maximum number of search terms of an issue: each change writes all."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it is now.

    Parameters
    ----------
    number : int
        Number of the event that added it.
    edited_by : str
        User who edited it last, or empty.
    """

    number: int
    username: str
    created_at: datetime
    text: str
    edited_by: str = ""
    edited_at: datetime | None = None


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


def make_view(repositories: Repositories, issue: IssueModel, events: Iterable[IssueEventModel]) -> IssueView:
    """Return the view of an issue with these events."""
    comments = collect_comments(events)
    texts = [issue.body, *(comment.text for comment in comments)]
    return IssueView(issue, comments, find_pictures(repositories, issue.project_id, texts))


def collect_words(issue: IssueModel, comments: Sequence[Comment]) -> str:
    """Return the first search terms of the title, labels, description and comments, newest first, as one text."""
    terms: dict[str, None] = {}
    for text in (issue.title, *issue.labels, issue.body, *(one.text for one in reversed(comments))):
        terms |= dict.fromkeys(sorted(search_terms(text)))
        if len(terms) >= _MOST_TERMS:
            break
    return " ".join(sorted([*terms][:_MOST_TERMS]))
