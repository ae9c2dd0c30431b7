"""Side bar with links to all pages by group, which keep project and chip, and the number of the user's open issues."""

from __future__ import annotations

import time
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.home.documentation import find_site
from qdash_builtin.issues.model import UNSOLVED
from qdash_builtin.issues.operations import list_issues
from qdash_builtin.issues.requests import IssueFilter
from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.routes.documentation import DOCUMENTATION_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_KEPT_PARAMS = ("project", "chip")
"""Query parameters that links to other pages keep."""
_ISSUES = "issues"
_COUNT = "qdash.issues.count"
_MOST_COUNTED = 20
_CACHE_S = 30.0
"""Time for which the number of open issues is cached, in seconds."""
# Streamlit's captions, and its button labels and chosen options in the dark theme, have too little contrast.
_STYLE = """<style>
[data-testid=stCaptionContainer] { opacity: 0.8; }
:is([data-testid=stBaseButton-primary], [data-testid=stBaseButton-primaryFormSubmit]):enabled { color: light-dark(#fff, #0b1a22); }
[data-testid=stMultiSelectTagsContainer] :is(span[title], span[title] ~ *) { color: light-dark(#fff, #0b1a22); }
</style>"""


def draw_side_bar(view: View, pages: Iterable[Page]) -> None:
    """Draw the links to all pages that are not hidden, and to the documentation."""
    st.html(_STYLE)
    query_params = {name: value for name in _KEPT_PARAMS if (value := view.param(name))}
    shown = (page for page in pages if not page.hidden)
    with st.container(gap="xxsmall"):
        _draw_groups(view, shown, query_params)
    if find_site() is not None:
        st.html(f'<a href="{DOCUMENTATION_URL}" style="font-size:0.8rem">Documentation</a>')


def _draw_groups(view: View, shown: Iterable[Page], query_params: Mapping[str, str]) -> None:
    for group, own in groupby(shown, key=lambda page: page.group):
        st.html(f'<div style="font-size:0.8rem;margin-top:0.6rem">{escape(group)}</div>')
        for page in own:
            count = count_own_issues(view) if page.path == _ISSUES else ""
            st.page_link(
                view.pages[page.path],
                label=f"{page.title} ({count})" if count else page.title,
                help=f"{count} open issues are assigned to you" if count else None,
                icon=page.icon or None,
                query_params=query_params,
                width="stretch",
            )


def count_own_issues(view: View, *, clock: Callable[[], float] = time.monotonic) -> str:
    """Return the number of open issues that are assigned to the user as a text, empty for none. One request in 30 s."""
    if view.me.project_id is None:
        return ""
    kept: tuple[str, float, int] | None = st.session_state.get(_COUNT)
    if kept is None or kept[0] != view.project_id or clock() - kept[1] > _CACHE_S:
        kept = st.session_state[_COUNT] = (view.project_id, clock(), _request_count(view))
    count = kept[2]
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count or "")


def _request_count(view: View) -> int:
    """Return the number of open issues of the user, at most one more than is shown; 0 if the host refuses."""
    me = view.me.user.username
    try:
        page = view.ask(
            list_issues.paged(limit=_MOST_COUNTED + 1), query=IssueFilter(assignee=me, state=(*UNSOLVED,))
        )
    except LoginError:
        raise
    except QDashError:
        return 0  # the page shows the error
    return len(page.items)
