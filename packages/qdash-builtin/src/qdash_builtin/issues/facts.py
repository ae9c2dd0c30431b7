"""Facts about a subject from issues, and their lines of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.service import MOST_SIMILAR
from qdash_builtin.issues.view import collect_comments
from qdash_builtin.text_pages.sections import Line, Section
from qdash_core.models.facts import Fact
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.issues.model import IssueModel
    from qdash_builtin.issues.service import IssueService
    from qdash_builtin.issues.view import Comment
    from qdash_core.models.access import Access
    from qdash_core.models.facts import FactSubject

_MOST, _MOST_SIMILAR, _COMMENTS, _MOST_TARGETS, _MOST_NAMED = 20, 5, 5, 12, 3


def list_issue_facts(issues: IssueService, access: Access, subject: FactSubject) -> list[Fact]:
    """Return the issues about a subject that are not closed, newest activity first, and closed ones similar to the failure of its result."""
    return [
        *_iter_open(issues, access, subject),
        *(_iter_similar(issues, access, subject.task_id) if subject.task_id and subject.precedents else ()),
    ]


def list_digest_lines(issues: IssueService, access: Access, period: FactSubject) -> Section | None:
    """Return the issues that were opened and closed in a period."""
    if period.since is None:
        return None
    changed = issues.list_changed_since(access, period.chip_id, period.since)
    opened = [one for one in changed if period.includes(one.created_at)]
    closed = [one for one in changed if one.closed_at is not None and period.includes(one.closed_at)]
    return Section(
        "Issues",
        [
            Line(f"{verb} {summarize_names([f'#{one.issue_id} {one.title}' for one in some], _MOST_NAMED)}")
            for verb, some in (("opened", opened), ("closed", closed))
            if some
        ],
    )


def _iter_open(issues: IssueService, access: Access, subject: FactSubject) -> Iterator[Fact]:
    concerned = {*subject.targets}
    found = [
        one
        for one in issues.list_open_by_chip(access, subject.chip_id)
        if (not concerned or not one.targets or not concerned.isdisjoint(one.targets))
        and (subject.until is None or one.created_at <= subject.until)
    ]
    for issue in found[:_MOST]:
        comments = (
            collect_comments(issues.list_events(access, issue.issue_id))[-_COMMENTS:]
            if issue.n_comments
            else ()
        )
        yield _make_fact("Issues that are not closed", issue, comments)


def _iter_similar(issues: IssueService, access: Access, task_id: str) -> Iterator[Fact]:
    found = issues.find_similar_to_result(access, task_id, limit=MOST_SIMILAR)
    for one in [one for one in found if one.issue.state is IssueState.CLOSED][:_MOST_SIMILAR]:
        last = one.closing or one.last_comment
        common = "; ".join(f"{reason.kind}: {', '.join(reason.common)}" for reason in one.reasons)
        yield _make_fact("Similar closed issues", one.issue, () if last is None else (last,), common)


def _make_fact(heading: str, issue: IssueModel, comments: Iterable[Comment], common: str = "") -> Fact:
    remarks = [f"comment by {one.username}, {one.created_at:%Y-%m-%d}: {one.text}" for one in comments]
    details = (
        str(issue.state),
        f"labels {', '.join(issue.labels)}" if issue.labels else "",
        f"assigned to {', '.join(issue.assignees)}" if issue.assignees else "",
        f"on {summarize_names(issue.targets, _MOST_TARGETS)}" if issue.targets else "",
        f"result {issue.task_id}" if issue.task_id else "",
        f"in common: {common}" if common else "",
    )
    return Fact(
        heading,
        issue.title,
        "\n\n".join(filter(None, [issue.body, *remarks])),
        issue.updated_at,
        Reference("issue", issue.issue_id),
        issue.username,
        ", ".join(filter(None, details)),
    )
