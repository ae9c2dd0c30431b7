"""Text of an answer as a subset of Markdown, without HTML, pictures, and links other than citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from qdash_core.assistants.citations import CITATION
from qdash_core.models.references import RecordKind, Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BlockKind = Literal["paragraph", "heading", "bullet", "number", "row", "code"]
SpanKind = Literal["text", "strong", "emphasis", "code"]

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that command a terminal, change the direction of text, or are invisible."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FENCE = re.compile(r"[ ]{0,3}(`{3,}+|~{3,}+)[^`]*$")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+)$")
_BULLET = re.compile(r"[ ]{0,12}[-*+][ \t]+(.+)$")
_NUMBER = re.compile(r"[ ]{0,12}(\d{1,6})[.)][ \t]+(.+)$")
_TABLE_ROW = re.compile(r"[ ]{0,3}\|(.+)$")
_TABLE_RULE = re.compile(r"[ |:-]+$")
_UNITS = r"(?:[nuµμm]?s|[kMG]?Hz|[mk]?K|%|dBm?|m?V|a\.u\.|rad|deg|°|min|h)"
_STATEMENT = re.compile(
    rf"(?<![\w.])\d[\d,]{{0,15}}(?:\.\d{{1,15}})?(?:e[-\u2212+]?\d{{1,3}})?(?:\(\d{{1,15}}\))?\s?{_UNITS}(?!\w)"
    r"|(?<![\w.])\d{1,15}\.\d{1,15}\(\d{1,15}\)"
    r"|(?<!\w)Q\d+(?!\w)"
    r"|(?<!\w)(?:qubits?|couplings?|targets?)\s+\d+(?!\w)"
    r"|(?<!\w)(?:accepted|flagged|rejected|failed)(?!\w)",
    re.IGNORECASE,
)
"""Contents that make a sentence a statement about the chip: a number with a unit or an error, a target, a verdict or a failure."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\s\[])|\n+")
"""End of a sentence. A citation after its full stop belongs to it."""
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


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraph, heading, list item or block of code.

    Parameters
    ----------
    kind : BlockKind
        Its kind.
    spans : tuple of Span
        Its text; of code, one span.
    number : int
        Number of an item of a numbered list, else 0.
    cells : tuple of tuple of Span
        Cells of a row of a table, which has no `spans`.
    """

    kind: BlockKind
    spans: tuple[Span, ...] = ()
    number: int = 0
    cells: tuple[tuple[Span, ...], ...] = ()

    def get_all_spans(self) -> tuple[Span, ...]:
        """Return the spans of the text, or those of all cells."""
        return self.spans or tuple(span for cell in self.cells for span in cell)


def replace_hidden_characters(text: str) -> str:
    """Return a text, or a piece of one, in which no character commands a terminal, changes the direction of text, or is invisible."""
    return _HIDDEN.sub(_REPLACEMENT, text)


def parse_answer(text: str) -> list[Block]:
    """Return the blocks of an answer. HTML, pictures and links are text of these blocks."""
    lines = replace_hidden_characters(text.replace("\r\n", "\n").replace("\t", "    ")).split("\n")
    return [*_parse_blocks(lines)]


def _parse_blocks(lines: Sequence[str]) -> Iterator[Block]:
    place, paragraph = 0, list[str]()
    while place < len(lines):
        line = lines[place]
        end, block = _parse_special(lines, place)
        if block is None and line.strip():
            paragraph.append(line.strip())
            place += 1
            continue
        if paragraph:
            yield Block("paragraph", _parse_inline("\n".join(paragraph)))
            paragraph.clear()
        if block is not None:
            yield block
        place = end
    if paragraph:
        yield Block("paragraph", _parse_inline("\n".join(paragraph)))


def _parse_special(lines: Sequence[str], place: int) -> tuple[int, Block | None]:
    """Return the block that begins on a line and is no paragraph, if there is one, and the line after it."""
    line = lines[place]
    if fence := _FENCE.match(line):
        end = place + 1
        while end < len(lines) and not _closes(lines[end], fence[1]):
            end += 1
        return end + 1, _make_code(lines[place + 1 : end])
    if row := _TABLE_ROW.match(line):
        if _TABLE_RULE.match(line):
            return place + 1, Block("row")
        cells = row[1].rstrip().removesuffix("|").split("|")
        return place + 1, Block("row", cells=tuple(_parse_inline(cell.strip()) for cell in cells))
    if found := _HEADING.match(line):
        return place + 1, Block("heading", _parse_inline(found[1].rstrip(" #")))
    if found := _BULLET.match(line):
        return place + 1, Block("bullet", _parse_inline(found[1]))
    if found := _NUMBER.match(line):
        return place + 1, Block("number", _parse_inline(found[2]), int(found[1]))
    return place + 1, None


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and not stripped.strip(fence[0])


def _make_code(lines: Sequence[str]) -> Block:
    return Block("code", (TextSpan("code", "\n".join(lines)),))


def _parse_inline(text: str) -> tuple[Span, ...]:
    return tuple(_iter_spans(_PICTURE_OR_LINK.sub(_spell_out, text)))


def find_references(text: str) -> list[Reference]:
    """Return the references that an answer cites outside code, each once, in order."""
    spans = (span for block in parse_answer(text) for span in block.get_all_spans())
    return list(dict.fromkeys(span.reference for span in spans if isinstance(span, CitedSpan)))


def find_uncited_statements(text: str) -> list[str]:
    """Return the sentences of an answer that make a statement about the chip and cite nothing.

    A statement is a sentence with a number with a unit or an error, a target, a verdict or a failure. Headings, questions and code are none; a row of a
    table is one sentence. The rule is one of form: it does not judge whether a statement follows from its citation.
    """
    found = []
    for block in parse_answer(text):
        if block.kind in ("heading", "code"):
            continue
        spans = block.get_all_spans()
        whole = "".join(_write_for_search(span) + (" " if block.cells else "") for span in spans)
        for sentence in _SENTENCE_END.split(whole):
            stated = sentence.strip()
            if not stated.endswith("?") and _STATEMENT.search(CITATION.sub(" ", stated)):
                found += [] if CITATION.search(stated) else [stated]
    return found


def _write_for_search(span: Span) -> str:
    if isinstance(span, CitedSpan):
        return str(span.reference)
    return " " if span.kind == "code" else CITATION.sub(" ", span.text)


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
            yield CitedSpan(Reference(RecordKind(found["kind"]), found["name"]))
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
        yield CitedSpan(Reference(RecordKind(found["kind"]), found["name"]))
        place = found.end()
    if place < len(text):
        yield TextSpan(kind, text[place:])


def write_plain(text: str, describe: Callable[[Reference], str] = str) -> str:
    """Return an answer as plain text for a terminal.

    Parameters
    ----------
    text : str
        The answer.
    describe : callable
        Returns the text of a citation, such as `[result:ID] (unresolved)`.
    """
    pieces = list[str]()
    for kind, blocks in groupby(parse_answer(text), key=lambda one: one.kind):
        lines = [_write_plain_block(block, describe) for block in blocks]
        pieces.append(("\n" if kind in ("bullet", "number", "row") else "\n\n").join(filter(None, lines)))
    return "\n\n".join(pieces)


def _write_plain_block(block: Block, describe: Callable[[Reference], str]) -> str:
    text = _join_plain(block.spans, describe)
    match block.kind:
        case "row":
            return " | ".join(_join_plain(cell, describe) for cell in block.cells)
        case "bullet":
            return f"- {text}"
        case "number":
            return f"{block.number}. {text}"
        case "code":
            return "\n".join(f"    {line}" for line in text.split("\n"))
        case _:
            return text


def _join_plain(spans: Sequence[Span], describe: Callable[[Reference], str]) -> str:
    return "".join(describe(one.reference) if isinstance(one, CitedSpan) else one.text for one in spans)


def write_html(text: str, cite: Callable[[Reference], str]) -> str:
    """Return an answer as HTML that consists of texts and of elements without attributes, except for the numbers of list items.

    Parameters
    ----------
    text : str
        The answer.
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
        elif kind == "row":
            pieces.append(_write_table([one.cells for one in blocks], cite))
        else:
            tag = {"heading": "h4", "code": "pre"}.get(kind, "p")
            pieces += [f"<{tag}>{_write_spans(one.spans, cite)}</{tag}>" for one in blocks]
    return "".join(pieces)


_TAGS = {"strong": "strong", "emphasis": "em", "code": "code"}


def _write_table(rows: Sequence[Sequence[Sequence[Span]]], cite: Callable[[Reference], str]) -> str:
    """Return a table. Its first row is the header if a rule, which has no cells, follows it."""
    is_headed = len(rows) > 1 and not rows[1]
    written = []
    for place, cells in enumerate(row for row in rows if row):
        tag = "th" if is_headed and place == 0 else "td"
        columns = "".join(f"<{tag}>{_write_spans(cell, cite)}</{tag}>" for cell in cells)
        written.append(f"<tr>{columns}</tr>")
    return f"<table>{''.join(written)}</table>"


def _write_spans(spans: Sequence[Span], cite: Callable[[Reference], str]) -> str:
    return "".join(cite(one.reference) if isinstance(one, CitedSpan) else _write_span(one) for one in spans)


def _write_span(span: TextSpan) -> str:
    text = escape(span.text)
    if span.kind == "text":
        return text.replace("\n", "<br>")
    return f"<{_TAGS[span.kind]}>{text}</{_TAGS[span.kind]}>"
