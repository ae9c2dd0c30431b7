"""Links to the pages: one for each group in the side bar, and those to the pages of the group above a page."""

from __future__ import annotations

import time
from html import escape
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_core.process.documentation_site import find_site
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.page import GROUPS, PLUGINS
from qdash_ui_streamlit.routes.documentation import DOCUMENTATION_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_ui_streamlit.page import Page, Pages
    from qdash_ui_streamlit.view import View

MOST_COUNTED = 20
"""Largest number that is shown; a larger one is `20+`."""
_CACHE_S = 30.0
"""Time for which a number is kept, in seconds."""
# Streamlit's captions, and its button labels and chosen options in the dark theme, have too little contrast.
_STYLE = """<style>
[data-testid=stCaptionContainer] { opacity: 1; color: color-mix(in srgb, currentColor 80%, transparent); }
:is([data-testid=stBaseButton-primary], [data-testid=stBaseButton-primaryFormSubmit]):enabled { color: light-dark(#fff, #0b1a22); }
[data-testid=stMultiSelectTagsContainer] :is(span[title], span[title] ~ *) { color: light-dark(#fff, #0b1a22); }
nav.pages ul { list-style: none; margin: 0; padding: 0; }
nav.pages li { margin: 0; padding: 0; font-size: 0.9rem; }
nav.pages a { display: flex; align-items: center; gap: 0.6rem; padding: 0.3rem 0.5rem; color: inherit; text-decoration: none; border-radius: 0.4rem; }
nav.pages a:hover { background: rgba(128, 128, 128, 0.15); }
nav.pages a[aria-current] { background: rgba(128, 128, 128, 0.25); font-weight: 600; }
nav.pages .icon { width: 1.25rem; text-align: center; }
nav.pages .symbol { font: 1.25rem/1 "Material Symbols Rounded"; }
nav.pages .group { margin: 0.6rem 0 0.2rem 0.5rem; font-size: 0.8rem; }
</style>"""


def make_side_bar(view: View, pages: Pages, current: Page) -> str:
    """Return the HTML of a link for each group of pages, for each page of plugins, and to the documentation."""
    groups = pages.list_groups()
    items = [
        _make_item(view, groups[group], group, GROUPS[group], current=current.group == group)
        for group in GROUPS
        if group in groups
    ]
    if PLUGINS in groups:
        items.append(f'<li class="group">{PLUGINS}</li>')
        items += [
            _make_item(view, [page], page.title, page.icon, current=page is current)
            for page in groups[PLUGINS]
        ]
    documentation = "" if find_site() is None else f'<p><a href="{DOCUMENTATION_URL}">Documentation</a></p>'
    return f'{_STYLE}<nav class="pages" aria-label="Pages"><ul>{"".join(items)}</ul></nav>{documentation}'


def draw_group_links(view: View, pages: Pages, current: Page) -> None:
    """Draw the links to the other pages of the group of a page."""
    offered = {
        page.path: (
            escape(_add_count(page.title, get_count(view, page))),
            view.link(page.path, chip=view.param("chip")),
        )
        for page in pages.list_linked(current)
    }
    if offered:
        draw_view_links(current.path, offered, label=f"Pages of {current.group}")


def _make_item(view: View, pages: Sequence[Page], title: str, icon: str, *, current: bool) -> str:
    """Return the link to the first of some pages, with the numbers that all of them count."""
    counted = [(count, page.counted) for page in pages if (count := get_count(view, page))]
    described = "; ".join(f"{count} {what}" for count, what in counted)
    text = escape(_add_count(title, ", ".join(count for count, _ in counted)))
    attributes = "".join(
        (f' title="{escape(described)}"' if described else "", ' aria-current="page"' if current else "")
    )
    return f'<li><a href="{escape(view.link(pages[0].path, chip=view.param("chip")))}"{attributes}>{_make_icon(icon)}{text}</a></li>'


def _make_icon(icon: str) -> str:
    if icon.startswith(":material/"):
        return f'<span class="icon symbol" aria-hidden="true">{escape(icon.removeprefix(":material/").rstrip(":"))}</span>'
    return f'<span class="icon" aria-hidden="true">{escape(icon)}</span>'


def _add_count(title: str, count: str) -> str:
    return f"{title} ({count})" if count else title


def get_count(view: View, page: Page) -> str:
    """Return the number that a page last counted for the user as a text, empty for none."""
    kept = _get_kept(view, page)
    count = 0 if kept is None else kept[1]
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def renew_counts(view: View, pages: Pages, *, clock: Callable[[], float] = time.monotonic) -> bool:
    """Count again for each page whose number is old, and return whether a number has changed. One request for each in 30 s."""
    has_changed = False
    for page in pages.placed if view.me.project_id is not None else ():
        kept = _get_kept(view, page)
        if page.counted_by and (kept is None or clock() - kept[0] > _CACHE_S):
            before = get_count(view, page)
            st.session_state[_make_key(view, page)] = (clock(), _count(view, page))
            has_changed |= get_count(view, page) != before
    return has_changed


def _get_kept(view: View, page: Page) -> tuple[float, int] | None:
    """Return the time at which a page counted, and the number."""
    kept: tuple[float, int] | None = st.session_state.get(_make_key(view, page))
    return kept


def _make_key(view: View, page: Page) -> str:
    return f"qdash.count.{view.project_id}.{page.path}"


def _count(view: View, page: Page) -> int:
    """Return the number that a page counts; 0 if the host refuses."""
    try:
        counted: int = resolve_name(page.counted_by)(view)
    except LoginError:
        raise
    except QDashError:
        return 0  # the page shows the error
    return counted
