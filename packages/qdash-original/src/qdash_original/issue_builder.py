"""Issues from the discussions of the original: threads with their replies and cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.model import IssueEventKind, IssueEventModel, IssueModel, IssueState
from qdash_builtin.issues.view import collect_comments, collect_words
from qdash_builtin.text_pages.user_texts import LONGEST_TEXT
from qdash_original.original_document import Omission, OriginalDocument
from qdash_original.posts import CASE, ISSUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_original.posts import Discussions, Post
    from qdash_original.users_and_projects import Group


class IssueBuilder:
    """Builder of issues from the posts of all threads.

    `omissions` are posts that belong to no imported thread, and issues that were deleted here.
    """

    def __init__(self, discussions: Discussions) -> None:
        self.omissions: list[Omission] = []
        self._discussions = discussions
        self._events: dict[tuple[str, int], list[IssueEventModel]] = {}
        self._issues: dict[tuple[str, str], int] = {}
        """Number of the issue that was imported from a document, by project and origin."""
        for event in discussions.events:
            self._events.setdefault((event.project_id, event.issue), []).append(event)
            if event.origin and event.kind is IssueEventKind.OPENED:
                self._issues[event.project_id, event.origin] = event.issue
        self._taken: dict[str, set[int]] = {}
        """Numbers of issues, by project."""
        for project_id, number in self._events:
            self._taken.setdefault(project_id, {0}).add(number)

    def build(self) -> Iterator[tuple[OriginalDocument, Group]]:
        """Yield the document and the records of each thread: threads of the forum by number, then the others by time."""
        threads: list[Post] = []
        replies: dict[str, list[Post]] = {}
        for post in self._discussions.posts.values():
            first = self._discussions.find_first(post)
            if first is None:
                noun = ISSUE if post.document.collection == CASE else "thread"
                self._omit(post, "", f"the {noun} {post.thread!r} was not imported")
            elif first is post:
                threads.append(post)
            else:
                replies.setdefault(f"{first.document.project_id}\n{first.origin}", []).append(post)
        threads.sort(key=lambda one: (one.number is None, one.number or 0, one.created_at, one.document.id))
        for post in threads:
            answers = replies.get(f"{post.document.project_id}\n{post.origin}", [])
            group = self._make_group(post, sorted(answers, key=lambda one: (one.created_at, one.origin)))
            if group is not None:
                yield post.document, group

    def _omit(self, post: Post, field: str, why: str) -> None:
        self.omissions.append(Omission(post.document.collection, post.document.id, field, why))

    def _make_group(self, post: Post, replies: list[Post]) -> Group | None:
        project_id = post.document.project_id
        imported = self._issues.get((project_id, post.origin))
        if imported is None:
            return self._make_issue(post, replies, self._choose_number(post))
        stored = self._discussions.stored.get((project_id, str(imported)))
        if stored is None:
            self._omit(post, "", f"issue {imported}, into which it was imported before, was deleted here")
            return None
        return self._add_replies(stored, self._events[project_id, imported], [post, *replies])

    def _choose_number(self, post: Post) -> int:
        """Return the number of the thread in the forum if no issue has it, otherwise the next number."""
        project_id = post.document.project_id
        taken = self._taken.setdefault(project_id, {0})
        number = post.number if post.number and post.number not in taken else max(taken) + 1
        if post.number and post.number != number:
            self._omit(
                post, "number", f"this store has another issue {post.number}: the thread is issue {number}"
            )
        taken.add(number)
        return number

    def _make_issue(self, post: Post, replies: list[Post], number: int) -> Group:
        body, *rest = _split(post.content)
        issue = IssueModel(
            project_id=post.document.project_id,
            issue_id=str(number),
            username=post.username,
            body=body,
            created_at=post.created_at,
            updated_at=post.created_at,
            **post.fields,
        )
        opened = _make_event(issue, post, 1, IssueEventKind.OPENED)
        pieces = [(post, piece) for piece in rest]
        return self._add_comments(issue, [opened], pieces, replies)

    def _add_replies(self, issue: IssueModel, events: list[IssueEventModel], posts: list[Post]) -> Group:
        """Return the stored issue and events, with comments for replies that were written since."""
        present = {one.origin for one in events}
        return self._add_comments(issue, events, [], [one for one in posts if one.origin not in present])

    def _add_comments(
        self,
        issue: IssueModel,
        events: list[IssueEventModel],
        pieces: list[tuple[Post, str]],
        replies: list[Post],
    ) -> Group:
        made = sorted(events, key=lambda one: one.number)
        added = [*pieces, *((reply, piece) for reply in replies for piece in _split(reply.content))]
        for post, piece in added:
            made.append(_make_event(issue, post, made[-1].number + 1, IssueEventKind.COMMENTED, piece))
            if post.closing and issue.state is IssueState.CLOSED and issue.closing_comment is None:
                issue = issue.model_copy(update={"closing_comment": made[-1].number})
        if added or not issue.n_events:
            comments = collect_comments(made)
            changes = {
                "n_events": made[-1].number,
                "n_comments": len(comments),
                "updated_at": max(issue.updated_at, *(one.created_at for one in made)),
            }
            issue = issue.model_copy(update=changes)
            issue = issue.model_copy(update={"words": collect_words(issue, comments)})
        imported = [one for one in made if one.origin]
        return [("issue", issue), *(("issue_event", one) for one in imported)]


def _split(content: str) -> list[str]:
    """Return a text in parts that are not too long; at least one."""
    return [content[place : place + LONGEST_TEXT] for place in range(0, len(content), LONGEST_TEXT)] or [""]


def _make_event(
    issue: IssueModel, post: Post, number: int, kind: IssueEventKind, written: str = ""
) -> IssueEventModel:
    return IssueEventModel(
        project_id=issue.project_id,
        issue=int(issue.issue_id),
        number=number,
        kind=kind,
        username=post.username,
        text=written,
        origin=post.origin,
        created_at=post.created_at,
        updated_at=post.updated_at,
    )
