"""Search of pages, records and commands, which Ctrl+K opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from qdash_ui_streamlit.page import Pages
    from qdash_ui_streamlit.view import View

_HTML = """<button type="button" aria-haspopup="dialog">Search <kbd></kbd></button>
<dialog aria-label="Search">
<input type="text" role="combobox" aria-label="Search" aria-autocomplete="list" aria-expanded="true" aria-controls="found" maxlength="200"
 placeholder="Page, qubit, value, execution, note or command" autocomplete="off" spellcheck="false">
<div id="found" role="listbox" aria-label="Matches"></div>
<p role="status"></p>
</dialog>"""
_search = make_component(__file__, html=_HTML)


def draw_search(view: View, pages: Pages) -> None:
    """Draw the button of the search. The browser searches the titles of the pages, and the host everything else if it offers that."""
    _search(
        key="qdash.search",
        data={
            "pages": [
                {"title": page.title, "group": page.group, "path": page.path}
                for page in pages.placed
                if not page.hidden
            ],
            "host": None if view.me.project_id is None else view.host_path("/search"),
        },
    )
