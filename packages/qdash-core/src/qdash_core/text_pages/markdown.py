"""Pages as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.text_pages.page import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.text_pages.page import Facts, Line, Page, Table

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"([\\`*_\[\]|#])")


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
    """Return a text on one line, with the characters escaped that Markdown and HTML treat specially."""
    escaped = "".join(_ENTITIES.get(one, one) for one in make_plain(text))
    return _SPECIAL.sub(r"\\\1", escaped)
