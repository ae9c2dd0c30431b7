"""Search of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.issues.query import IssueQuery
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.issues.model import IssueModel
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_issues(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the issues that have the words, last changed first, of the 200 that were changed last, and for editors the command that opens one."""
    issues = qdash.get(ISSUES).page(access, IssueQuery(), PageRequest(LARGEST_PAGE)).items
    found = [_make_match(one) for one in issues if search.fits(*_list_texts(one))]
    return [*found, *(one for one in _iter_commands(access, search) if search.fits(one.title))]


def _list_texts(issue: IssueModel) -> tuple[str, ...]:
    return (
        f"issue #{issue.issue_id}",
        issue.title,
        issue.body,
        issue.state,
        issue.chip_id,
        *issue.targets,
        *issue.labels,
    )


def _make_match(issue: IssueModel) -> Match:
    return Match(
        "issue",
        f"#{issue.issue_id} {issue.title}",
        ", ".join((issue.state, *issue.labels)),
        make_address("issue", issue=issue.issue_id),
        f"qdash issue show {issue.issue_id}",
        (issue.title, *issue.targets),
    )


def _iter_commands(access: Access, search: Search) -> Iterator[Match]:
    if access.role.includes(ProjectRole.EDITOR):
        address = make_address("new-issue", chip=search.chip_id)
        yield Match("command", "New issue", address=address, command="qdash issue open")
