"""Number of the user's open issues, for the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.issues.model import UNSOLVED
from qdash_builtin.issues.operations import list_issues
from qdash_builtin.issues.requests import IssueFilter
from qdash_ui_streamlit.side_bar import MOST_COUNTED

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def count_own_issues(view: View) -> int:
    """Return the number of open issues that are assigned to the user, at most one more than is shown."""
    query = IssueFilter(assignee=view.me.user.username, state=(*UNSOLVED,))
    return len(view.ask(list_issues.paged(limit=MOST_COUNTED + 1), query=query).items)
