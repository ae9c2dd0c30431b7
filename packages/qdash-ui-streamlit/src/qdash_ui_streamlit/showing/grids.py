"""Small tables in the text of a page, with code and links in their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table of a few rows.

    Parameters
    ----------
    headings : sequence of str
        Of its columns.
    rows : iterable of sequence of str
        Cells as Markdown; an empty one is `–`.
    """
    lines = [headings, ["---"] * len(headings), *rows]
    st.markdown("\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines))


def code(text: object) -> str:
    """Return something as a cell of code; empty for nothing."""
    return "" if text in (None, "") else f"`{str(text).replace('`', ' ')}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) or "–"
