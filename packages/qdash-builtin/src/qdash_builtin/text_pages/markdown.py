"""Pages as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_builtin.text_pages.page import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_builtin.text_pages.page import Page
    from qdash_builtin.text_pages.sections import Facts, Line, Table

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"([\\`*_\[\]|#])")
_LINE_ENDS = re.compile("\r\n|[\r\n\u2028\u2029\x0b\x0c\x85]")
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that command a terminal, change the direction of text, or are invisible."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BACKTICKS = re.compile("`+")
_LEAST_FENCE = 3


class Markdown(str):
    """Text that is Markdown already, in which all data are quoted by `quote_inline` and `quote_block`."""

    __slots__ = ()


def iter_markdown(page: Page) -> Iterator[str]:
    """Yield a page as Markdown, in pieces."""
    yield f"# {_escape(page.title)}\n"
    if page.lead:
        yield f"\n{_escape(page.sentence)}\n"
    yield _make_facts(page.facts)
    for section in page.sections:
        yield f"\n{'#' * section.level} {_escape(section.title)}\n"
        if section.text:
            yield f"\n{_escape(section.text)}\n"
        yield _make_facts(section.facts)
        if section.table is not None:
            yield _make_table(section.table)
        if section.lines:
            yield "\n" + "".join(map(_make_line, section.lines))


def _make_facts(facts: Facts) -> str:
    return "\n" + "".join(f"- {_escape(name)}: {_escape(text)}\n" for name, text in facts) if facts else ""


def _make_table(table: Table) -> str:
    rows = [_make_row(table.header), f"|{' --- |' * len(table.header)}\n", *map(_make_row, table.rows)]
    return f"\n{''.join(rows)}"


def _make_row(row: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escape, row))} |\n"


def _make_line(line: Line) -> str:
    command = f"  \n  `{make_plain(line.command)}`" if line.command else ""
    return f"- {_escape(line.text)}{command}\n"


def _escape(text: str) -> str:
    """Return a text on one line, with the characters escaped that Markdown and HTML treat specially; Markdown as it is."""
    if isinstance(text, Markdown):
        return text
    escaped = "".join(_ENTITIES.get(one, one) for one in make_plain(text))
    return _SPECIAL.sub(r"\\\1", escaped)


def quote_inline(text: str) -> str:
    """Return a text on one line as a code span, in which nothing is Markdown."""
    line = _HIDDEN.sub(_REPLACEMENT, " ".join(text.split()))
    if line and "`" not in line:
        return f"`{line}`"
    fence = "`" * (_find_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{space}{line}{space}{fence}"


def quote_block(text: str) -> str:
    """Return a text as a fenced block, in which nothing is Markdown, and which it cannot end."""
    lines = _HIDDEN.sub(_REPLACEMENT, _LINE_ENDS.sub("\n", text))
    fence = "`" * max(_LEAST_FENCE, _find_longest_run(lines) + 1)
    return f"{fence}text\n{lines}\n{fence}"


def _find_longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
