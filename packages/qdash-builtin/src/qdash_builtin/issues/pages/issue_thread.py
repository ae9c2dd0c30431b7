"""Thread of an issue: its description, then its comments and other events in order."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.issues.model import IssueEventKind
from qdash_builtin.issues.operations import list_issue_events, remove_issue_comment
from qdash_builtin.issues.pages.issue_comment import draw_comment_editor, make_editor_key
from qdash_builtin.issues.pages.issue_display import FIELD_NAMES, format_value
from qdash_builtin.issues.pages.issue_files import draw_issue_files, make_file_links
from qdash_builtin.issues.pages.issue_pictures import IssueTexts
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.issues.views import IssueCommentDocument, IssueDocument, IssueEventDocument
    from qdash_ui_streamlit.view import View

_MOST_SHOWN = 50
"""Number of events that are shown without a request; more make the page slow."""
_WORDS = {
    IssueEventKind.OPENED: "opened the issue",
    IssueEventKind.EDITED: "edited it",
    IssueEventKind.COMMENTED: "commented",
    IssueEventKind.COMMENT_EDITED: "edited comment {}",
    IssueEventKind.COMMENT_REMOVED: "removed comment {}",
    IssueEventKind.ASSIGNED: "changed it",
    IssueEventKind.LABELLED: "changed it",
    IssueEventKind.LINKED: "changed it",
    IssueEventKind.STATE_CHANGED: "changed it",
    IssueEventKind.FILES_CHANGED: "changed the files",
    IssueEventKind.DELETED: "deleted the issue",
}


def draw_thread(view: View, issue: IssueDocument, events: Sequence[IssueEventDocument]) -> None:
    """Draw the description of an issue, and its events in order; comments with their present texts."""
    texts = IssueTexts(view, f"issue.{issue.issue_id}", issue.pictures, make_file_links(view, issue))
    with st.container(border=True):
        if issue.body:
            texts.draw(issue.body)
        else:
            st.caption("No description.")
    draw_issue_files(view, issue)
    st.header("Comments and events", anchor="thread")
    comments = {one.number: one for one in issue.comments}
    shown = events
    if len(events) > _MOST_SHOWN and not st.toggle(f"Show all {len(events)} events", key="issue.all-events"):
        shown = events[-_MOST_SHOWN:]
    for event in shown:
        if event.kind is IssueEventKind.COMMENTED and event.number in comments:
            _draw_comment(view, issue, comments[event.number], texts)
        else:
            _draw_event(view, event)


def draw_trace(view: View, issue_id: str) -> None:
    """Draw the events of a deleted issue; nothing if there never was such an issue."""
    try:
        events = list(view.every(list_issue_events.paged(limit=200), issue_id))
    except NotFoundError:
        return
    st.header("Events", anchor="thread")
    for event in events:
        _draw_event(view, event)


def _draw_comment(view: View, issue: IssueDocument, comment: IssueCommentDocument, texts: IssueTexts) -> None:
    edited = (
        f", edited by {escape(comment.edited_by)} {view.time(comment.edited_at)}" if comment.edited_by else ""
    )
    closing = " · closed the issue with this comment" if comment.number == issue.closing_comment else ""
    with st.container(border=True):
        st.html(
            f"<small><b>{format_object(view, 'user', comment.username)}</b>, {view.time(comment.created_at)}{edited}{closing}</small>"
        )
        place = make_editor_key(issue.issue_id, comment.number)
        may_change = view.edits and (view.owns or comment.username == view.me.user.username)
        if may_change and place in st.session_state:
            draw_comment_editor(view, issue, comment)
            return
        texts.draw(comment.text)
        if may_change:
            _draw_comment_buttons(view, issue, comment, place)


def _draw_comment_buttons(
    view: View, issue: IssueDocument, comment: IssueCommentDocument, place: str
) -> None:
    on = f"comment {comment.number} of {comment.username}"
    with st.container(horizontal=True):
        st.button(
            "Edit",
            key=f"{place}.start",
            type="tertiary",
            help=f"Edit {on}",
            on_click=partial(st.session_state.__setitem__, place, True),
        )
        if st.button("Remove …", key=f"{place}.remove", type="tertiary", help=f"Remove {on}"):
            confirm_action(
                "Remove this comment?",
                "Its text cannot be restored. The event stays, with user and time.",
                label="Remove",
                act=lambda: view.ask(remove_issue_comment, issue.issue_id, comment.number),
                success="Comment removed.",
            )


def _draw_event(view: View, event: IssueEventDocument) -> None:
    """Draw an event in a line."""
    st.html(
        f'<small style="overflow-wrap:anywhere">{format_object(view, "user", event.username)} {escape(_describe_event(event))}, {view.time(event.at)}</small>'
    )


def _describe_event(event: IssueEventDocument) -> str:
    before, after = event.before or {}, event.after or {}
    if event.kind is IssueEventKind.FILES_CHANGED and after:
        verb = "removed" if not after["file"] else "replaced" if before["file"] else "attached"
        return f"{verb} {after['file'] or before['file']}"
    changes = [
        f"{FIELD_NAMES.get(name, name)}"
        + ("" if name == "body" else f": {format_value(before.get(name))} → {format_value(after[name])}")
        for name in after
    ]
    words = _WORDS[event.kind].format(event.comment)
    return f"{words}: {'; '.join(changes)}" if changes else words
