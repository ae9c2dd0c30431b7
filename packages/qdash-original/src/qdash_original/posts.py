"""Posts of the discussions of the original, until they are written as issues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_builtin.issues.model import IssueEventModel, IssueModel
    from qdash_original.original_document import OriginalDocument

ISSUE, CASE = "issue", "issue_knowledge"


@dataclass(slots=True)
class Post:
    """Text of a discussion: the first one of a thread, a reply, or a case.

    `document` records omissions. `thread` is the id of the document to which it replies; empty for the first text of a
    thread, whose `fields` are those of the issue. A `closing` text says how the issue was solved; `number` is that of
    the thread in the forum, if it has one.
    """

    document: OriginalDocument
    thread: str
    username: str
    content: str
    created_at: datetime
    updated_at: datetime
    closing: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    number: int | None = None

    @property
    def origin(self) -> str:
        """Collection and id of its document."""
        return f"{self.document.collection}:{self.document.id}"


@dataclass
class Discussions:
    """Posts of the original, and the issues of the store, by project and id, with all their events."""

    stored: Mapping[tuple[str, str], IssueModel] = field(default_factory=dict)
    events: Iterable[IssueEventModel] = ()
    categories: dict[tuple[str, str], str] = field(default_factory=dict)
    """Names of the categories of the forum, by project and key."""
    posts: dict[tuple[str, str, str], Post] = field(default_factory=dict)
    """Posts by project, collection and id."""

    def add(self, post: Post) -> None:
        """Keep a post until all are read."""
        document = post.document
        self.posts[document.project_id, document.collection, document.id] = post

    def find_first(self, post: Post) -> Post | None:
        """Return the first text of the thread of a post, or None if it was not imported."""
        collection = ISSUE if post.document.collection == CASE else post.document.collection
        seen: set[str] = set()
        found: Post | None = post
        while found is not None and found.thread:
            if found.thread in seen:
                return None
            seen.add(found.thread)
            found = self.posts.get((post.document.project_id, collection, found.thread))
        return found
