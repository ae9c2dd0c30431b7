"""Formats of digests as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.digests.sections import is_calm, limit_lines, make_sections, make_title
from qdash_builtin.text_pages.page import Page
from qdash_core.models.judgement import Fitness
from qdash_core.models.quantities import format_count
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.digests.digest import Digest

FORMATS = ("text", "markdown", "html")
MOST_CALM_LINES = 10
"""Maximum number of lines of the text of a night without faults."""


def write_digest(digest: Digest, zone: ZoneInfo, format_name: str, *, width: int | None = None) -> str:
    """Return a digest as text in one of the `FORMATS`; plain text for a terminal is cut at its width.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    sections = make_sections(digest, zone)
    page = Page(make_title(digest), _list_statements(digest, zone), sections)
    match format_name:
        case "text":
            from qdash_builtin.text_pages.plain_text import write_text

            if is_calm(digest):
                head = write_text(replace(page, sections=()), width=width).count("\n")
                page = replace(
                    page, sections=limit_lines(sections, MOST_CALM_LINES - head, digest.full_command)
                )
            return write_text(page, width=width)
        case "markdown":
            from qdash_builtin.text_pages.markdown import iter_markdown

            return "".join(iter_markdown(page))
        case "html":
            from qdash_builtin.text_pages.html import iter_html

            return "".join(iter_html(page))
        case _:
            raise ValueError(f"there is no format {format_name!r} of digests")


def _list_statements(digest: Digest, zone: ZoneInfo) -> list[str]:
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
    return [period, "; ".join(counts)] if counts else [period]
