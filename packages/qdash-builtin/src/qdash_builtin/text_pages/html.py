"""Pages as self-contained HTML, for browsers and e-mail."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from qdash_builtin.text_pages.page import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qdash_builtin.text_pages.page import Page
    from qdash_builtin.text_pages.sections import Facts, LabelledDrawing, Line, Pieces, Section, Table

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
ul { margin: 0; padding-left: 1.2rem; } code { font-size: 0.9em; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 0.1rem 0.9rem 0.1rem 0; white-space: nowrap; }
"""
_ENLARGED = (
    '<dialog aria-label="Enlarged figure"><p></p><div></div><form method="dialog"><button type="button" value="-1">← previous</button>'
    '<button type="button" value="1">next →</button><button>close</button></form></dialog>\n'
)


def iter_html(page: Page) -> Iterator[str]:
    """Yield a page as HTML without outside requests, in pieces; its only script enlarges drawings."""
    sections = [*page.sections]
    has_drawings = page.style is not None
    style = f"{_read('figures.css')}{page.style}" if has_drawings else _STYLE
    script = _read("figures.js") if has_drawings else ""
    title = _escape(page.title)
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_make_policy(style, script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
    )
    yield f"<p>{_escape(page.sentence)}</p>\n" if page.lead else ""
    yield f"{_make_facts(page.facts)}{_make_links(sections)}</header>\n<main>\n"
    yield from _iter_sections(sections)
    yield "</main>\n"
    yield f"{_ENLARGED}<script>{script}</script>\n" if script else ""
    yield "</body>\n</html>\n"


@cache
def _read(name: str) -> str:
    return files("qdash_builtin.text_pages").joinpath(name).read_text(encoding="utf-8")


def _make_policy(style: str, script: str) -> str:
    """Return a policy that allows only this style and this script, and no requests."""
    rules = [f"default-src 'none'; style-src {_hash(style)}", "base-uri 'none'; form-action 'none'"]
    return "; ".join([rules[0], f"script-src {_hash(script)}", rules[1]] if script else rules)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _make_links(sections: Iterable[Section]) -> str:
    links = [f'<a href="#{_escape(one.anchor)}">{_escape(one.title)}</a>' for one in sections if one.anchor]
    return f"<nav>{' '.join(links)}</nav>\n" if links else ""


def _iter_sections(sections: Iterable[Section]) -> Iterator[str]:
    """Yield the sections, each with the parts that follow it."""
    end = ""
    for section in sections:
        if section.level == 2:
            anchor = f' id="{_escape(section.anchor)}"' if section.anchor else ""
            yield f"{end}<section{anchor}>"
            end = "</section>\n"
        note = f" <small>{_escape(section.note)}</small>" if section.note else ""
        title = f"{_escape(section.title)}{note}"
        if section.folded is None:
            yield f"<h{section.level}>{title}</h{section.level}>\n"
            yield from _iter_parts(section)
        else:
            yield f"<details{'' if section.folded else ' open'}><summary>{title}</summary>\n<noscript>\n"
            yield from _iter_parts(section)
            yield "</noscript></details>\n"
    yield end


def _iter_parts(section: Section) -> Iterator[str]:
    if section.text:
        yield f"<p>{_escape(section.text)}</p>\n"
    yield _make_facts(section.facts)
    if section.legend:
        yield f'<p class="legend">{_make_pieces(section.legend)}</p>\n'
    if section.without_script:
        yield f"<noscript><p>{_escape(section.without_script)}</p></noscript>\n"
    if section.table is not None:
        yield _make_table(section.table)
    if section.lines:
        yield f"<ul>{''.join(map(_make_line, section.lines))}</ul>\n"
    if section.drawings:
        yield f'<div class="{_escape(section.layout)}">\n'
        yield from map(_make_drawing, section.drawings)
        yield "</div>\n"


def _make_facts(facts: Facts) -> str:
    rows = "".join(f"<dt>{_escape(name)}</dt><dd>{_escape(text)}</dd>" for name, text in facts)
    return f"<dl>{rows}</dl>\n" if rows else ""


def _make_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_escape(one)}</th>' for one in table.header)
    rows = "\n".join(map(_make_row, table.rows))
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>\n'


def _make_row(row: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td>{_escape(one)}</td>' for one in row)}</tr>"


def _make_line(line: Line) -> str:
    command = f"<br><code>{_escape(line.command)}</code>" if line.command else ""
    return f"<li>{_escape(line.text)}{command}</li>"


def _make_drawing(one: LabelledDrawing) -> str:
    svg = f"<em>{_escape(one.reason)}</em>" if one.svg is None else one.svg
    label = _make_pieces(one.label)
    if not one.caption:
        return f"<figure><figcaption>{label}</figcaption>{svg}</figure>\n"
    classes = _escape(f"g {one.style}")
    return f'<button type="button" class="{classes}" title="{_escape(one.caption)}"><span>{label}</span>{svg}</button>\n'


def _make_pieces(pieces: Pieces) -> str:
    return " ".join(
        f'<i class="{_escape(style)}">{_escape(text)}</i>' if style else _escape(text)
        for text, style in pieces
    )


def _escape(text: str) -> str:
    return html.escape(make_plain(text))
