"""Text output of laboratory issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_indented, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.issues.views import (
        IssueCommentDocument,
        IssueDocument,
        IssueEventDocument,
        IssueHeader,
        SimilarIssueDocument,
    )


def print_issue(document: IssueDocument, zone: ZoneInfo) -> None:
    """Print an issue with its links, description and comments."""
    print_message(f"issue {document.issue_id}: {document.title}")
    opened = f"{document.username}, {format_time(document.created_at, zone)}"
    closed = f"{document.closed_by}, {format_time(document.closed_at, zone)}" if document.closed_by else None
    links = {
        "state": document.state,
        "opened": opened,
        "closed": closed,
        "labels": ", ".join(document.labels),
        "assignees": ", ".join(document.assignees),
        "chip": document.chip_id,
        "targets": ", ".join(document.targets),
        "metrics": ", ".join(document.metrics),
        "result": document.task_id and f"{document.task_id} ({document.task})",
        "execution": document.execution_id,
        "cool-down": document.cooldown_id,
        "files": ", ".join(one.name for one in document.attachments),
    }
    for name, value in links.items():
        if value:
            print_message(f"  {name}: {value}")
    if document.body:
        _print_text(document.body)
    for comment in document.comments:
        edited = f", edited by {comment.edited_by}" if comment.edited_by else ""
        closing = ", with which it was closed" if comment.number == document.closing_comment else ""
        print_message()
        print_message(
            f"comment {comment.number} ({comment.username}, {format_time(comment.created_at, zone)}{edited}{closing}):"
        )
        _print_text(comment.text, gap=False)
    missing = [one.address for one in document.pictures if not one.exists]
    if missing:
        print_message(f"pictures that no longer exist: {', '.join(missing)}")


def print_issues(documents: Sequence[IssueHeader], zone: ZoneInfo) -> None:
    """Print issues as a table."""
    changed = format_time_header("changed", zone, (one.updated_at for one in documents))
    print_table(
        ("issue", "title", "state", "chip", "targets", "labels", "assignees", "comments", "files", changed),
        (
            (
                *(one.issue_id, one.title, one.state, one.chip_id),
                *(", ".join(names) for names in (one.targets, one.labels, one.assignees)),
                one.n_comments or "",
                one.n_files or "",
                format_short_time(one.updated_at, zone),
            )
            for one in documents
        ),
        fold=("title", "targets", "labels", "assignees"),
    )


def print_similar_issues(documents: Sequence[SimilarIssueDocument], zone: ZoneInfo) -> None:
    """Print similar issues, each with the reasons and how it was closed."""
    for one in documents:
        issue = one.issue
        print_message(f"issue {issue.issue_id}: {issue.title} ({issue.state})")
        reasons = (f"{reason.kind} {', '.join(reason.common)}" for reason in one.reasons)
        print_indented("; ".join(reasons), indent="  same: ", further="    ")
        if issue.closed_by:
            print_message(f"  closed: {issue.closed_by}, {format_time(issue.closed_at, zone)}")
        comment = one.closing or one.last_comment
        if comment is not None:
            print_indented(_make_line(comment), indent="  comment: ", further="    ")


def print_issue_events(documents: Sequence[IssueEventDocument], zone: ZoneInfo) -> None:
    """Print the events of an issue as a table."""
    at = format_time_header("at", zone, (one.at for one in documents))
    print_table(
        ("event", "kind", "by", at, "text or change"),
        (
            (one.number, one.kind, one.username, format_short_time(one.at, zone), _describe_event(one))
            for one in documents
        ),
        fold=("text or change",),
    )


def _describe_event(document: IssueEventDocument) -> str:
    before, after = document.before or {}, document.after or {}
    changes = [f"{name}: {_join(before.get(name))} → {_join(after.get(name))}" for name in after]
    about = f"comment {document.comment}" if document.comment is not None else ""
    return "; ".join(filter(None, [about, document.text, *changes]))


def _join(value: str | list[str] | None) -> str:
    return (", ".join(value) if isinstance(value, list) else value) or "none"


def _make_line(comment: IssueCommentDocument) -> str:
    return f"{' '.join(comment.text.split())} ({comment.username})"


def _print_text(text: str, *, gap: bool = True) -> None:
    if gap:
        print_message()
    for line in text.splitlines():
        print_message(line)
