"""Lines of short facts with links, as they stand at the top of a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def draw_lines(lines: Iterable[Sequence[str]]) -> None:
    """Draw lines of facts, each fact HTML; a line without facts is left out."""
    drawn = [" &nbsp;·&nbsp; ".join(line) for line in lines if line]
    # Streamlit takes the room below Markdown away, and links in `st.html` have not the colour of the theme.
    inside = "".join(f"<div>{line}</div>" for line in drawn)
    st.markdown(f'<div style="margin-bottom:1rem">{inside}</div>', unsafe_allow_html=True)


def anchor(address: str, text: str, *, title: str = "") -> str:
    """Return a link as HTML."""
    said = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{said}>{escape(text)}</a>'
