"""Services of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.issues.feature import ISSUES
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.issues.proposal import IssueAction
    from qdash_builtin.issues.service import IssueService
    from qdash_builtin.text_pages.sections import Section
    from qdash_core.models.access import Access
    from qdash_core.models.facts import Fact, FactSubject
    from qdash_core.runtime.application import QDash


def open_issues(qdash: QDash) -> IssueService:
    """Open the service for laboratory issues."""
    from qdash_builtin.issues.fields import IssueNames
    from qdash_builtin.issues.service import IssueService

    def list_parameters() -> set[str]:
        return {*qdash.registry.output_parameters("qubit"), *qdash.registry.output_parameters("coupling")}

    names = IssueNames(qdash.registry.task_name, list_parameters)
    return IssueService(qdash.store, qdash.zone, names, artifacts=qdash.artifacts, announce=qdash.announce)


def open_issue_files(qdash: QDash) -> AttachmentService[str]:
    """Open the service for the files of issues."""
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.issues.issue_files import IssueFiles

    return AttachmentService(qdash.store, qdash.artifacts, IssueFiles(qdash.zone, utc_now), clock=utc_now)


def make_issue_action(qdash: QDash) -> IssueAction:
    """Return the action that proposes issues."""
    from qdash_builtin.issues.proposal import IssueAction

    return IssueAction(qdash.store, qdash.get(ISSUES), qdash.get(CHIPS))


def find_cited_issue(qdash: QDash, access: Access, name: str) -> tuple[str, str]:
    """Return the number and the title of a cited issue."""
    issue = qdash.get(ISSUES).show(access, name).issue
    return issue.issue_id, issue.title


def list_facts(qdash: QDash, access: Access, subject: FactSubject) -> list[Fact]:
    """Return the facts about a subject from issues."""
    from qdash_builtin.issues.facts import list_issue_facts

    return list_issue_facts(qdash.get(ISSUES), access, subject)


def list_digest_lines(qdash: QDash, access: Access, period: FactSubject) -> Section | None:
    """Return the lines of a digest from issues."""
    from qdash_builtin.issues.facts import list_digest_lines

    return list_digest_lines(qdash.get(ISSUES), access, period)
