"""Digests as plain text of at most 100 columns, and as Markdown."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from qdash_core.digests.sections import make_sections, make_title
from qdash_core.models.judgement import Fitness
from qdash_core.models.quantities import format_count
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.digests.digest import Digest
    from qdash_core.digests.sections import Line, Section, Table

WIDTH = 100
_INDENT = 14


def make_text(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as plain text of at most 100 columns, in which longer lines are cut."""
    lines = wrap(make_title(digest), WIDTH)
    lines += wrap(describe_period(digest, zone), WIDTH)
    for section in make_sections(digest, zone):
        body = [*_iter_body(section)]
        lines += [
            f"{section.title if number == 0 else '':<{_INDENT}}{one}".rstrip()
            for number, one in enumerate(body)
        ]
    return "\n".join(lines) + "\n"


def describe_period(digest: Digest, zone: ZoneInfo) -> str:
    """Return the period of a digest with its length, and the fitness of the targets; before it, that its time is simulated."""
    first, last = (f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (digest.since, digest.until))
    simulated = digest.simulated_time
    length = format_duration((digest.until - digest.since).total_seconds(), whole=True)
    period = f"{first} to {last} ({zone.key}, {length})"
    if simulated is not None:
        said = describe_simulated_time(simulated, zone)
        period = f"{said}, since {first} ({length})" if simulated == digest.until else f"{said}. {period}"
    counts = [
        f"{format_count(sum(some.values()), kind)}: {', '.join(f'{some[one]} {one}' for one in Fitness if some.get(one))}"
        for kind, some in digest.fitness.items()
        if {*some} - {Fitness.UNKNOWN} or (some and kind == "qubit")
    ]
    return "; ".join((period, *counts))


def _iter_body(section: Section) -> Iterator[str]:
    if section.table is not None:
        yield from _lay_out(section.table)
    for line in section.lines:
        yield _cut(line.text)
        if line.command:
            yield f"   {line.command}"


def _lay_out(table: Table) -> Iterator[str]:
    """Yield the rows of a table."""
    rows = [table.header, *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.header))]
    for row in rows:
        yield _cut("  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip())


def _cut(line: str) -> str:
    most = WIDTH - _INDENT
    return line if len(line) <= most else f"{line[: most - 1]}…"


def make_markdown(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as Markdown."""
    parts = [f"# {_escape(make_title(digest))}", _escape(describe_period(digest, zone))]
    for section in make_sections(digest, zone):
        parts.append(f"## {_escape(section.title)}")
        if section.table is not None:
            parts.append(_make_markdown_table(section.table))
        if section.lines:
            parts.append("\n".join(_make_markdown_line(one) for one in section.lines))
    return "\n\n".join(parts) + "\n"


def _make_markdown_table(table: Table) -> str:
    rows: Sequence[Sequence[str]] = [table.header, ["---"] * len(table.header), *table.rows]
    return "\n".join(
        f"| {' | '.join(map(_escape, row))} |" if row[0] != "---" else f"|{'---|' * len(row)}" for row in rows
    )


def _make_markdown_line(line: Line) -> str:
    return f"- {_escape(line.text)}" + (f"  \n  `{line.command}`" if line.command else "")


def _escape(text: str) -> str:
    """Return a text with the characters escaped that Markdown and HTML treat specially."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{one}" if one in "\\`*_[]|#" else one for one in escaped)
