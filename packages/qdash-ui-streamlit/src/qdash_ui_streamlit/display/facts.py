"""List of named facts about one object."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLE = """<style>
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.5rem 1.2rem; margin: 0; padding: 0; }
@media (max-width: 640px) { dl.facts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.4rem 0.8rem; } }
dl.facts div { margin: 0; padding: 0; }
dl.facts dt, dl.facts dd { margin: 0; padding: 0; }
dl.facts dt { font-size: 0.8rem; opacity: 0.8; }
dl.facts dd { overflow-wrap: anywhere; }
dl.facts div.long { grid-column: span 2; }
</style>"""
_TAG = re.compile(r"<[^>]*>")
_LONG = 60
"""Number of characters from which a fact has the width of two."""


def draw_facts(known: Mapping[str, str | None]) -> None:
    """Draw facts: HTML by name; None is omitted."""
    inside = (
        f"<div{' class=long' if len(_TAG.sub('', html)) > _LONG else ''}><dt>{escape(name)}</dt><dd>{html}</dd></div>"
        for name, html in known.items()
        if html is not None
    )
    st.html(f'{_STYLE}<dl class="facts">{"".join(inside)}</dl>')
