"""View of an issue: its comments as they are now, and its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.issues.comments import Comment, collect_comments
from qdash_core.issues.pictures import Picture, find_pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.models.issue import IssueEventModel, IssueModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue with its comments, oldest first, and the pictures of all its texts."""

    issue: IssueModel
    comments: Sequence[Comment]
    pictures: Sequence[Picture]


def make_view(repositories: Repositories, issue: IssueModel, events: Iterable[IssueEventModel]) -> IssueView:
    """Return the view of an issue with these events."""
    comments = collect_comments(events)
    texts = [issue.body, *(comment.text for comment in comments)]
    return IssueView(issue, comments, find_pictures(repositories, issue.project_id, texts))
