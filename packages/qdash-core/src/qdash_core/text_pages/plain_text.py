"""Pages as plain text of at most 100 columns."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from qdash_core.text_pages.page import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.text_pages.page import Page, Section, Table

WIDTH = 100
_INDENT = 14


def write_text(page: Page) -> str:
    """Return a page as plain text of at most 100 columns, in which longer lines are cut."""
    statements = [page.sentence] if len(page.sentence) <= WIDTH else page.lead
    facts = (f"{name}: {text}" for name, text in page.facts)
    lines = [line for text in (page.title, *statements, *facts) for line in wrap(make_plain(text), WIDTH)]
    for section in page.sections:
        lines += [
            f"{make_plain(section.title) if number == 0 else '':<{_INDENT}}{one}".rstrip()
            for number, one in enumerate(_iter_body(section))
        ]
    return "\n".join(lines) + "\n"


def _iter_body(section: Section) -> Iterator[str]:
    yield from wrap(make_plain(section.text), WIDTH - _INDENT)
    yield from (_cut(make_plain(f"{name}: {text}")) for name, text in section.facts)
    if section.table is not None:
        yield from _lay_out(section.table)
    for line in section.lines:
        yield _cut(make_plain(line.text))
        if line.command:
            yield f"   {make_plain(line.command)}"


def _lay_out(table: Table) -> Iterator[str]:
    """Yield the rows of a table."""
    rows = [[*map(make_plain, row)] for row in (table.header, *table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.header))]
    for row in rows:
        yield _cut("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())


def _cut(line: str) -> str:
    most = WIDTH - _INDENT
    return line if len(line) <= most else f"{line[: most - 1]}…"
