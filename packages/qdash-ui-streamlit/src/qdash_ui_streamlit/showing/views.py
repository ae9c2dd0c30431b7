"""What of a page the address shows: links beside each other, of which the one that is shown is marked."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLE = """<style>
nav.views { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; border-bottom: 1px solid rgba(128, 128, 128, 0.35); }
nav.views a { padding: 0.35rem 0.1rem; color: inherit; text-decoration: none; border-bottom: 3px solid transparent; }
nav.views a:hover { border-bottom-color: rgba(128, 128, 128, 0.6); }
nav.views a[aria-current] { border-bottom-color: currentColor; font-weight: 600; }
</style>"""


def views(shown: str, offered: Mapping[str, tuple[str, str]], *, label: str) -> None:
    """Show which views there are.

    Parameters
    ----------
    shown : str
        The one that is shown.
    offered : mapping
        Name of a view to its title, as HTML, and its address.
    label : str
        What they are views of, for who does not see it.
    """
    links = (
        f'<a href="{escape(address)}"{" aria-current=page" if name == shown else ""}>{title}</a>'
        for name, (title, address) in offered.items()
    )
    st.html(f'{_STYLE}<nav class="views" aria-label="{escape(label)}">{"".join(links)}</nav>')
