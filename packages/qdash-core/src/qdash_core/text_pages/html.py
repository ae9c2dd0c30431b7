"""Pages as self-contained HTML, for browsers and e-mail."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from qdash_core.text_pages.page import make_plain

if TYPE_CHECKING:
    from qdash_core.text_pages.page import Line, Page, Section, Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
ul { margin: 0; padding-left: 1.2rem; } code { font-size: 0.9em; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.1rem 0.9rem 0.1rem 0; white-space: nowrap; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_html(page: Page) -> str:
    """Return a page as HTML without outside requests and scripts."""
    title = _escape(page.title)
    body = "\n".join(map(_make_section, page.sections))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>{_escape(page.sentence)}</p>\n{body}\n</body>\n</html>\n"
    )


def _make_section(section: Section) -> str:
    parts = [f"<h{section.level}>{_escape(section.title)}</h{section.level}>"]
    if section.table is not None:
        parts.append(_make_table(section.table))
    if section.lines:
        parts.append(f"<ul>{''.join(_make_line(one) for one in section.lines)}</ul>")
    return "\n".join(parts)


def _make_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_escape(one)}</th>' for one in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{_escape(one)}</td>' for one in row)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _make_line(line: Line) -> str:
    command = f"<br><code>{_escape(line.command)}</code>" if line.command else ""
    return f"<li>{_escape(line.text)}{command}</li>"


def _escape(text: str) -> str:
    return html.escape(make_plain(text))
