"""Digests as one self-contained HTML page, for browsers and e-mail."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.digests.sections import make_sections, make_title
from qdash_core.digests.text import describe_period

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.digests.digest import Digest
    from qdash_core.digests.sections import Line, Section, Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
ul { margin: 0; padding-left: 1.2rem; } code { font-size: 0.9em; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.1rem 0.9rem 0.1rem 0; white-space: nowrap; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def make_html(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as one HTML page without outside requests and scripts."""
    title = escape(make_title(digest))
    body = "\n".join(_make_section(one) for one in make_sections(digest, zone))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>{escape(describe_period(digest, zone))}</p>\n{body}\n</body>\n</html>\n"
    )


def _make_section(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"]
    if section.table is not None:
        parts.append(_make_table(section.table))
    if section.lines:
        parts.append(f"<ul>{''.join(_make_line(one) for one in section.lines)}</ul>")
    return "\n".join(parts)


def _make_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in row)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _make_line(line: Line) -> str:
    command = f"<br><code>{escape(line.command)}</code>" if line.command else ""
    return f"<li>{escape(line.text)}{command}</li>"
