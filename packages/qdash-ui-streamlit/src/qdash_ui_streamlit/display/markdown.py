"""Texts and messages as Markdown and HTML."""

from __future__ import annotations

import re
from html import escape

from qdash_ui_streamlit.display.quantities import use_unit_symbols

_MEANT_IN_MESSAGES = re.compile(
    r"""([\\`*\[\]~|$]     # emphasis, code, links, strikes, tables, formulas
    |(?<!\w)_|_(?!\w)        # emphasis, unlike within names
    |:(?=[A-Za-z])           # icons and colours of Streamlit
    |<                       # links and HTML
    |^(?=[#+>-])|(?<=^\d)(?=[.)])|(?<=^\d\d)(?=[.)]))  # headings, quotes and lists
    """,
    re.MULTILINE | re.VERBOSE,
)
_FIRST_WORD = re.compile(
    r"(?:an?|interrupted|it|no|nobody|nothing|that|the|there|these|this)\b|[a-z]+(?:-[a-z]+)*,? (?!(?:are|asked|belongs|cannot|does|has|have|is|may|must|needs|refuses|returned|takes|was|were)\b)"
)
"""Beginning of a message that may have an upper-case initial: no name (`shots: ..`, `ann is ..`), id or code."""
_CODE = re.compile(r"(`[^`\n]+`)")
_MEANT = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def escape_markdown(text: str) -> str:
    """Return text with all Markdown characters escaped, including those of links, formulas and icons."""
    return _MEANT.sub(r"\\\1", text)


def escape_message(text: str) -> str:
    """Return a message as Markdown that shows its characters as they are, and commands between backticks as code."""
    parts = _CODE.split(text)
    return "".join(
        part if place % 2 else _MEANT_IN_MESSAGES.sub(r"\\\1", part) for place, part in enumerate(parts)
    )


def begin_sentence(text: str) -> str:
    """Return a message with an upper-case initial, unless it begins with a name, an id or code."""
    return f"{text[0].upper()}{text[1:]}" if _FIRST_WORD.match(text) else text


def format_sentence(text: str) -> str:
    """Return a message that stands alone as Markdown, see `escape_message`, with an upper-case initial."""
    return escape_message(begin_sentence(text))


def format_message_html(text: str) -> str:
    """Return a message as HTML, with the symbols of units, and commands between backticks as code."""
    parts = _CODE.split(text)
    return "".join(
        f"<code>{escape(part[1:-1])}</code>" if place % 2 else escape(use_unit_symbols(part))
        for place, part in enumerate(parts)
    )
