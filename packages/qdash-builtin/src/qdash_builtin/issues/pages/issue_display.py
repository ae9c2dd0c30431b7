"""Issues in lines and lists: links, states, changes, and reasons of similarity."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.issues.pages.user_markdown import split_user_markdown
from qdash_builtin.issues.requests import IssueEdit
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.display.fact_lists import format_list
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.forms.form_fields import list_form_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.issues.model import ReasonKind
    from qdash_builtin.issues.views import (
        IssueCommentDocument,
        IssueHeader,
        OpenIssueDocument,
        SimilarIssueDocument,
        SimilarityReasonDocument,
    )
    from qdash_ui_streamlit.view import View

NO_VALUE = "none"
FIELD_NAMES = {name: one.label.lower() for name, one in list_form_fields(IssueEdit).items()} | {
    "task": "task"
}
"""Names of the fields of an issue for users."""
_REASONS: Mapping[ReasonKind, str] = {
    "result": "same result",
    "target": "same target {}",
    "neighbour": "neighbour {}",
    "multiplexer": "{} on the same multiplexer",
    "task": "same task {}",
    "metric": "same parameter {}",
    "words": "same words: {}",
}
_MOST_NAMED = 3
"""Number of common names or words that are shown."""
_LONGEST_COMMENT = 300
"""Number of characters of a comment in a list."""
_STYLE = """<style>
.issues ul { list-style: none; margin: 0; padding: 0; }
.issues li { margin: 0 0 0.7rem; overflow-wrap: anywhere; }
.issues blockquote { margin: 0.2rem 0 0; padding-left: 0.6rem; border-left: 3px solid #7b858c; }
.issues blockquote :is(h3, h4, h5, h6) { font-size: 1rem; padding: 0; }
.issues blockquote :is(p, pre) { margin: 0; white-space: pre-wrap; }
</style>"""


def format_issue_link(view: View, issue: IssueHeader | OpenIssueDocument) -> str:
    """Return an issue with number and title as a link in HTML."""
    return format_link(view.link("issue", issue=issue.issue_id), f"#{issue.issue_id} {issue.title}")


def format_value(value: str | Sequence[str] | None) -> str:
    """Return the value of a field of an issue as a text."""
    text = value if value is None or isinstance(value, str) else ", ".join(value)
    return text or NO_VALUE


def draw_issue_lines(view: View, issues: Iterable[IssueHeader]) -> None:
    """Draw issues, each as a line with its state, targets and assignees."""
    _draw_items(_format_line(view, one) for one in issues)


def draw_similar_issues(view: View, similar: Iterable[SimilarIssueDocument]) -> None:
    """Draw similar issues, each with the reasons and how it was closed."""
    _draw_items(_format_similar(view, one) for one in similar)


def _draw_items(items: Iterable[str]) -> None:
    st.html(f'{_STYLE}<div class="issues">{format_list([*items])}</div>')


def _format_line(view: View, issue: IssueHeader) -> str:
    facts = [format_status_html(issue.state)]
    facts += (
        [escape(", ".join(f"{get_target_kind(one)} {one}" for one in issue.targets))] if issue.targets else []
    )
    facts += [f"assigned to {escape(', '.join(issue.assignees))}"] if issue.assignees else []
    return f"{format_issue_link(view, issue)}<br><small>{' · '.join(facts)}</small>"


def _format_similar(view: View, similar: SimilarIssueDocument) -> str:
    issue = similar.issue
    state = format_status_html(issue.state)
    if issue.closed_by:
        state += f" by {escape(issue.closed_by)} {view.time(issue.closed_at)}"
    titles = load_titles(view)
    reasons = escape(", ".join(describe_reason(one, titles) for one in similar.reasons))
    line = f"{format_issue_link(view, issue)}<br><small>{state}<br>{reasons}</small>"
    return line + _format_comment(similar.closing or similar.last_comment)


def _format_comment(comment: IssueCommentDocument | None) -> str:
    if comment is None:
        return ""
    cut = comment.text[:_LONGEST_COMMENT]
    text = cut if cut == comment.text else f"{cut} …"
    html = "".join(
        one if isinstance(one, str) else f"<p>[{escape(one.caption or 'picture')}]</p>"
        for one in split_user_markdown(text)
    )
    return f"<blockquote>{html}<small>{escape(comment.username)}</small></blockquote>"


def describe_reason(reason: SimilarityReasonDocument, titles: Mapping[str, str]) -> str:
    """Return a reason of similarity in words, with the titles of parameters."""
    common = [titles.get(one, one) for one in reason.common] if reason.kind == "metric" else reason.common
    return _REASONS[reason.kind].format(summarize_names(common, _MOST_NAMED))
