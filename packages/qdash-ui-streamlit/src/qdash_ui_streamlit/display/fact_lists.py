"""Short lists of facts as HTML; the end of a long list opens on a click."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_ui_streamlit.view import View

_MOST_TARGETS = 6


def format_section(title: str, *parts: str) -> str:
    """Return a part of a page with its heading as HTML, empty without contents."""
    found = "".join(parts)
    return f"<section><h3>{escape(title)}</h3>{found}</section>" if found else ""


def format_list(items: Iterable[str]) -> str:
    """Return a list of HTML texts, empty without items."""
    found = "".join(f"<li>{one}</li>" for one in items)
    return f"<ul>{found}</ul>" if found else ""


def format_details(summary: str, inside: str) -> str:
    """Return HTML that opens below its summary."""
    return f"<details><summary>{summary}</summary>{inside}</details>"


def format_shortened_list(items: Sequence[str], most: int, *, rest: str = "more") -> str:
    """Return a list of HTML texts: the first ones, and the others below a summary with their number."""
    if len(items) <= most:
        return format_list(items)
    hidden = items[most - 1 :]
    return format_list([*items[: most - 1], format_details(f"{len(hidden)} {rest}", format_list(hidden))])


def format_targets(view: View, chip_id: str, targets: Sequence[str], **params: str) -> str:
    """Return targets as links to their pages, those beyond the first six below a summary with their number.

    `params` are further ones of the pages.
    """
    links = [format_link(make_target_url(view, chip_id, one, **params), one) for one in targets]
    shown, rest = ", ".join(links[:_MOST_TARGETS]), links[_MOST_TARGETS:]
    return f"{shown} {format_details(f'and {len(rest)} more', ', '.join(rest))}" if rest else shown
