"""Pages as plain text."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from qdash_builtin.text_pages.page import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.text_pages.page import Page
    from qdash_builtin.text_pages.sections import Section, Table

WIDTH = 100
_INDENT = 14
_NARROWEST = 40


def write_text(page: Page, *, width: int | None = None) -> str:
    """Return a page as plain text; in a terminal of a width, longer lines are cut."""
    width = None if width is None else max(width, _NARROWEST)
    statements = [page.sentence] if len(page.sentence) <= WIDTH else page.lead
    facts = (f"{name}: {text}" for name, text in page.facts)
    heads = [make_plain(text) for text in (page.title, *statements, *facts)]
    lines = heads if width is None else [line for text in heads for line in wrap(text, width)]
    for section in page.sections:
        lines += [
            f"{make_plain(section.title) if number == 0 else '':<{_INDENT}}{one}".rstrip()
            for number, one in enumerate(_iter_body(section, width))
        ]
    return "\n".join(lines) + "\n"


def _iter_body(section: Section, width: int | None) -> Iterator[str]:
    yield from wrap(make_plain(section.text), WIDTH - _INDENT)
    yield from (_cut(make_plain(f"{name}: {text}"), width) for name, text in section.facts)
    if section.table is not None:
        yield from (_cut(row, width) for row in _lay_out(section.table))
    for line in section.lines:
        yield _cut(make_plain(line.text), width)
        if line.command:
            yield f"   {make_plain(line.command)}"


def _lay_out(table: Table) -> Iterator[str]:
    """Yield the rows of a table."""
    rows = [[*map(make_plain, row)] for row in (table.header, *table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.header))]
    for row in rows:
        yield "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()


def _cut(line: str, width: int | None) -> str:
    most = len(line) if width is None else width - _INDENT
    return line if len(line) <= most else f"{line[: most - 1]}…"
