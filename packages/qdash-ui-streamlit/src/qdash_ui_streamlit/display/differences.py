"""Differences between two texts, with a sign for each removed and added line."""

from __future__ import annotations

from difflib import unified_diff
from html import escape

import streamlit as st

_STYLE = """<style>
.differences { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-family: monospace; font-size: 0.85rem; line-height: 1.45; }
.differences :is(ins, del, span) { display: block; text-decoration: none; padding-left: 1.6ch; text-indent: -1.2ch; min-height: 1.45em; }
.differences ins { background: rgba(46, 160, 67, 0.18); }
.differences del { background: rgba(214, 70, 60, 0.18); }
.differences .place { opacity: 0.8; margin-top: 0.4rem; }
</style>"""
_HEADER = 2
"""Number of lines with the names of the texts."""
_TAGS = {"+": "ins", "-": "del"}


def compare_texts(before: str, after: str, *, names: tuple[str, str]) -> str:
    """Return the differences between two texts in unified format, empty if there are none.

    Parameters
    ----------
    before, after : str
        Texts.
    names : tuple of str
        Their names.
    """
    lines = unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="")
    return "\n".join(lines)


def format_differences_html(unified: str) -> str:
    """Return differences in unified format as HTML."""
    lines = unified.split("\n")
    inside = "".join(_format_line(line, number) for number, line in enumerate(lines))
    return f'{_STYLE}<div class="differences">{inside}</div>'


def draw_differences(unified: str) -> None:
    """Draw differences in unified format."""
    st.html(format_differences_html(unified))


def _format_line(line: str, number: int) -> str:
    if line.startswith("@@") or (number < _HEADER and line.startswith(("+++ ", "--- "))):
        return f'<span class="place">{escape(line)}</span>'
    tag = _TAGS.get(line[:1], "span")
    return f"<{tag}>{escape(line)}</{tag}>"
