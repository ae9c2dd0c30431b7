"""Text of an answer as a subset of Markdown, without HTML, pictures, and links other than citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from qdash_builtin.conversations.citations import CITATION
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BlockKind = Literal["paragraph", "heading", "bullet", "number", "table", "code"]
SpanKind = Literal["text", "strong", "emphasis", "code"]

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that command a terminal, change the direction of text, or are invisible."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FENCE = re.compile(r"[ ]{0,3}(`{3,}+|~{3,}+)[^`]*$")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+)$")
_ITEM = re.compile(r"[ ]{0,12}(?:[-*+]|(?P<number>\d{1,6})[.)])[ \t]+(?P<text>.+)$")
_TABLE_ROW = re.compile(r"[ ]{0,3}\|.+$")
_TABLE_RULE = re.compile(r"[ |:-]+$")
_SPECIAL = re.compile("|".join(one.pattern for one in (_FENCE, _TABLE_ROW, _HEADING, _ITEM)))
"""Line that begins a block other than a paragraph."""
_PICTURE_OR_LINK = re.compile(
    r"!?\[(?P<label>[^\[\]\n]{0,500})\]\((?P<address>[^()\s]{0,2000})[^()\n]{0,500}\)"
)
_INLINE = re.compile(
    rf"(?P<code>`[^`\n]+`)|(?P<cited>{CITATION.pattern})"
    r"|\*\*(?P<strong>[^*\n]+)\*\*|(?<![\w*])\*(?P<emphasis>[^*\s][^*\n]*)\*(?![\w*])"
)


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Piece of a line."""

    kind: SpanKind
    text: str


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """Citation within a line."""

    reference: Reference


Span: TypeAlias = TextSpan | CitedSpan
Row: TypeAlias = tuple[tuple[Span, ...], ...]
"""Cells of a row of a table."""


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraph, heading, list item, table or block of code.

    Parameters
    ----------
    spans : tuple of Span
        Its text; of code, one span; of a table, none.
    number : int
        Number of an item of a numbered list, else 0.
    is_headed : bool
        True if the first row of a table is its header.
    """

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    number: int = 0
    rows: tuple[Row, ...] = ()
    is_headed: bool = False

    def get_all_spans(self) -> tuple[Span, ...]:
        """Return the spans of the text, or those of all cells."""
        return self.spans or tuple(span for row in self.rows for cell in row for span in cell)


def replace_hidden_characters(text: str) -> str:
    """Return a text, or a piece of one, in which no character commands a terminal, changes the direction of text, or is invisible."""
    return _HIDDEN.sub(_REPLACEMENT, text)


def parse_answer(text: str) -> list[Block]:
    """Return the blocks of an answer. HTML, pictures and links are text of these blocks."""
    lines = replace_hidden_characters(text.replace("\r\n", "\n").replace("\t", "    ")).split("\n")
    return [*_parse_blocks(lines)]


def _parse_blocks(lines: Sequence[str]) -> Iterator[Block]:
    place = 0
    while place < len(lines):
        if special := _parse_special(lines, place):
            place, block = special
            yield block
            continue
        if not lines[place].strip():
            place += 1
            continue
        end = _find_end_of_text(lines, place)
        yield Block("paragraph", _parse_lines(lines[place:end]))
        place = end


def _find_end_of_text(lines: Sequence[str], place: int) -> int:
    """Return the place of the first line after one of text that does not continue it."""
    end = place + 1
    while end < len(lines) and lines[end].strip() and not _SPECIAL.match(lines[end]):
        end += 1
    return end


def _parse_special(lines: Sequence[str], place: int) -> tuple[int, Block] | None:
    """Return the block that begins on a line and is no paragraph, and the place after it, or None if there is none."""
    line, end = lines[place], place + 1
    if fence := _FENCE.match(line):
        while end < len(lines) and not _closes(lines[end], fence[1]):
            end += 1
        return end + 1, _make_code(lines[place + 1 : end])
    if _TABLE_ROW.match(line):
        while end < len(lines) and _TABLE_ROW.match(lines[end]):
            end += 1
        return end, _make_table(lines[place:end])
    if found := _HEADING.match(line):
        return end, Block("heading", _parse_inline(found[1].rstrip(" #")))
    if found := _ITEM.match(line):
        end = _find_end_of_text(lines, place)
        spans = _parse_lines([found["text"], *lines[place + 1 : end]])
        number = found["number"]
        return end, Block("number", spans, int(number)) if number else Block("bullet", spans)
    return None


def _make_table(lines: Sequence[str]) -> Block:
    """Return a table. Its first row is the header if a rule follows it."""
    is_rule = [bool(_TABLE_RULE.match(line)) for line in lines]
    rows = tuple(_parse_row(line) for line, ruled in zip(lines, is_rule, strict=True) if not ruled)
    return Block("table", rows=rows, is_headed=is_rule[:2] == [False, True])


def _parse_row(line: str) -> Row:
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    return tuple(_parse_inline(cell.strip()) for cell in cells)


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and not stripped.strip(fence[0])


def _make_code(lines: Sequence[str]) -> Block:
    return Block("code", (TextSpan("code", "\n".join(lines)),))


def _parse_lines(lines: Sequence[str]) -> tuple[Span, ...]:
    return _parse_inline("\n".join(line.strip() for line in lines))


def _parse_inline(text: str) -> tuple[Span, ...]:
    return tuple(_iter_spans(_PICTURE_OR_LINK.sub(_spell_out, text)))


def find_references(text: str) -> list[Reference]:
    """Return the references that an answer cites outside code, each once, in order."""
    spans = (span for block in parse_answer(text) for span in block.get_all_spans())
    return list(dict.fromkeys(span.reference for span in spans if isinstance(span, CitedSpan)))


def _spell_out(match: re.Match[str]) -> str:
    """Return the label and address of a link or picture as text, in which no citation is left."""
    label, address = (match[name].replace("[", "(").replace("]", ")") for name in ("label", "address"))
    return f"{label} ({address})" if label else address


def _iter_spans(text: str) -> Iterator[Span]:
    place = 0
    for found in _INLINE.finditer(text):
        if found.start() > place:
            yield TextSpan("text", text[place : found.start()])
        place = found.end()
        if found["cited"]:
            yield CitedSpan(Reference(found["kind"], found["name"]))
        elif found["code"]:
            yield TextSpan("code", found["code"][1:-1])
        elif found["strong"]:
            yield from _style(found["strong"], "strong")
        else:
            yield from _style(found["emphasis"], "emphasis")
    if place < len(text):
        yield TextSpan("text", text[place:])


def _style(text: str, kind: SpanKind) -> Iterator[Span]:
    """Yield emphasised text, interrupted by its citations."""
    place = 0
    for found in CITATION.finditer(text):
        if found.start() > place:
            yield TextSpan(kind, text[place : found.start()])
        yield CitedSpan(Reference(found["kind"], found["name"]))
        place = found.end()
    if place < len(text):
        yield TextSpan(kind, text[place:])


def write_plain(text: str, describe: Callable[[Reference], str] = str) -> str:
    """Return an answer as plain text for a terminal; `describe` writes a citation, such as `[result:ID] (unresolved)`."""
    pieces = list[str]()
    for kind, blocks in groupby(parse_answer(text), key=lambda one: one.kind):
        lines = [_write_plain_block(block, describe) for block in blocks]
        pieces.append(("\n" if kind in ("bullet", "number") else "\n\n").join(filter(None, lines)))
    return "\n\n".join(pieces)


def _write_plain_block(block: Block, describe: Callable[[Reference], str]) -> str:
    text = _join_plain(block.spans, describe)
    match block.kind:
        case "table":
            return "\n".join(" | ".join(_join_plain(cell, describe) for cell in row) for row in block.rows)
        case "bullet":
            return _write_item("- ", text)
        case "number":
            return _write_item(f"{block.number}. ", text)
        case "code":
            return "\n".join(f"    {line}" for line in text.split("\n"))
        case _:
            return text


def _write_item(mark: str, text: str) -> str:
    return mark + text.replace("\n", f"\n{' ' * len(mark)}")


def _join_plain(spans: Sequence[Span], describe: Callable[[Reference], str]) -> str:
    return "".join(describe(one.reference) if isinstance(one, CitedSpan) else one.text for one in spans)


def write_html(text: str, cite: Callable[[Reference], str]) -> str:
    """Return an answer as HTML that consists of texts and of elements without attributes, except for the numbers of list items.

    Parameters
    ----------
    cite : callable
        Returns the HTML of a citation; it escapes the parts of the reference.
    """
    pieces = list[str]()
    for kind, grouped in groupby(parse_answer(text), key=lambda one: one.kind):
        blocks = [*grouped]
        if kind == "bullet":
            pieces.append(
                f"<ul>{''.join(f'<li>{_write_spans(one.spans, cite)}</li>' for one in blocks)}</ul>"
            )
        elif kind == "number":
            items = "".join(
                f'<li value="{one.number}">{_write_spans(one.spans, cite)}</li>' for one in blocks
            )
            pieces.append(f"<ol>{items}</ol>")
        elif kind == "table":
            pieces += [_write_table(one, cite) for one in blocks]
        else:
            tag = {"heading": "h4", "code": "pre"}.get(kind, "p")
            pieces += [f"<{tag}>{_write_spans(one.spans, cite)}</{tag}>" for one in blocks]
    return "".join(pieces)


_TAGS = {"strong": "strong", "emphasis": "em", "code": "code"}


def _write_table(table: Block, cite: Callable[[Reference], str]) -> str:
    written = []
    for place, row in enumerate(table.rows):
        tag = "th" if table.is_headed and place == 0 else "td"
        columns = "".join(f"<{tag}>{_write_spans(cell, cite)}</{tag}>" for cell in row)
        written.append(f"<tr>{columns}</tr>")
    return f"<table>{''.join(written)}</table>"


def _write_spans(spans: Sequence[Span], cite: Callable[[Reference], str]) -> str:
    return "".join(cite(one.reference) if isinstance(one, CitedSpan) else _write_span(one) for one in spans)


def _write_span(span: TextSpan) -> str:
    text = escape(span.text)
    if span.kind == "text":
        return text.replace("\n", "<br>")
    return f"<{_TAGS[span.kind]}>{text}</{_TAGS[span.kind]}>"
