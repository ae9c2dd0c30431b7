"""Feature of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import (
    Feature,
    FeaturePage,
    NameList,
    RecordKind,
    Service,
    make_event_kinds,
)
from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.issues.service import IssueService

ISSUES: Service[IssueService] = Service("qdash_builtin.issues.composition:open_issues")
ISSUE_FILES: Service[AttachmentService[str]] = Service("qdash_builtin.issues.composition:open_issue_files")

FEATURE = Feature(
    "issues",
    services=(ISSUES, ISSUE_FILES),
    proposals=("qdash_builtin.issues.composition:make_issue_action",),
    names={"issue": NameList("qdash_builtin.issues.operations:list_issues", "issue_id", "title")},
    collections=(
        "qdash_builtin.issues.collections:ISSUE",
        "qdash_builtin.issues.collections:ISSUE_EVENT",
    ),
    searches=("qdash_builtin.issues.search:find_issues",),
    operations=("qdash_builtin.issues.operations:operations",),
    commands={
        "issue": "qdash_builtin.issues.commands:issue",
    },
    pages=(
        FeaturePage(
            "Issues",
            ":material/bug_report:",
            "Logbook",
            "issues",
            "qdash_builtin.issues.pages.issues:render",
            place=20,
            counted_by="qdash_builtin.issues.pages.own_issues:count_own_issues",
            counted="open issues are assigned to you",
        ),
        FeaturePage(
            "Issue",
            ":material/bug_report:",
            "Logbook",
            "issue",
            "qdash_builtin.issues.pages.issue:render",
            hidden=True,
            place=30,
        ),
        FeaturePage(
            "New issue",
            ":material/bug_report:",
            "Logbook",
            "new-issue",
            "qdash_builtin.issues.pages.new_issue:render",
            hidden=True,
            place=40,
        ),
    ),
    sections=(
        Section(
            "target_side", "Open issues", "qdash_builtin.issues.pages.issue_section:draw_target_issues", 20
        ),
        Section(
            "chip_panel", "Open issues", "qdash_builtin.issues.pages.issue_section:draw_panel_issues", 10
        ),
        Section(
            "execution", "Open issues", "qdash_builtin.issues.pages.issue_section:draw_execution_issues", 10
        ),
        Section(
            "result",
            "Issues of a problem",
            "qdash_builtin.issues.pages.issue_section:draw_problem_issues",
            -10,
        ),
        Section("result", "Issues", "qdash_builtin.issues.pages.issue_section:draw_result_issues", 20),
    ),
    facts=("qdash_builtin.issues.composition:list_facts",),
    digest_lines=("qdash_builtin.issues.composition:list_digest_lines",),
    events=make_event_kinds(
        "issue",
        ("opened", "changed", "commented", "closed", "reopened", "deleted"),
        subject="issue #{issue_id}",
        address="issue?issue={issue_id}",
        command="qdash issue show {issue_id}",
        described_by="qdash_builtin.issues.notices:describe_event",
        immediate=True,
    ),
    records=(
        RecordKind(
            "issue",
            "qdash_builtin.issues.composition:find_cited_issue",
            address="issue?issue={id}",
            route="issues/{id}",
            noun="issue #{id}",
            fields=("issue_id",),
        ),
    ),
)
