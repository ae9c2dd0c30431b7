"""Small Markdown tables with code and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def draw_grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw a table of a few rows.

    Parameters
    ----------
    headings : sequence of str
        Headings of the columns.
    rows : iterable of sequence of str
        Cells as Markdown; an empty one is `–`.
    """
    lines = [headings, ["---"] * len(headings), *rows]
    st.markdown("\n".join(f"| {' | '.join(_format_cell(cell) for cell in line)} |" for line in lines))


def format_code(text: object) -> str:
    """Return a value as Markdown code; empty for None."""
    return "" if text in (None, "") else f"`{str(text).replace('`', ' ')}`"


def _format_cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()) or "–"
