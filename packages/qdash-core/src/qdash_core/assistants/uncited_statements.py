"""Statements about the chip in the text of an answer that cite nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.assistants.answer_text import CitedSpan, parse_answer
from qdash_core.assistants.citations import CITATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.assistants.answer_text import Block, Span

_UNITS = r"(?:[nuµμm]?s|[kMG]?Hz|[mk]?K|%|dBm?|m?V|a\.u\.|rad|deg|°|min|h)"
_QUANTITY = re.compile(
    rf"(?<![\w.])\d[\d,]{{0,15}}(?:\.\d{{1,15}})?(?:e[-\u2212+]?\d{{1,3}})?(?:\(\d{{1,15}}\))?\s?{_UNITS}(?!\w)"
    r"|(?<![\w.])\d{1,15}\.\d{1,15}\(\d{1,15}\)",
    re.IGNORECASE,
)
"""Number with a unit or an error."""
_STATEMENT = re.compile(
    rf"{_QUANTITY.pattern}"
    r"|(?<!\w)Q\d+(?!\w)"
    r"|(?<!\w)(?:qubits?|couplings?|targets?)\s+\d+(?!\w)"
    r"|(?<!\w)(?:accepted|flagged|rejected|failed)(?!\w)",
    re.IGNORECASE,
)
"""Contents that make a sentence a statement about the chip: a quantity, a target, a verdict or a failure."""
_ABBREVIATIONS = ("e.g", "i.e", "vs", "cf", "ca", "approx", "resp")
"""Abbreviations that end no sentence."""
_BEFORE_NUMBERS = ("no", "fig")
"""Abbreviations that end no sentence before a number."""
_SENTENCE_END = re.compile(
    r"(?<=[.!?])"
    + "".join(rf"(?<!\b(?i:{re.escape(one)})\.)" for one in _ABBREVIATIONS)
    + "".join(rf"(?!(?<=\b(?i:{one})\.)\s+\d)" for one in _BEFORE_NUMBERS)
    + r"(?!(?<=\ba\.u\.)\s+[a-z])"
    r"\s+(?=[^\s\[])"
)
"""End of a sentence. A citation after its full stop belongs to it."""


def find_uncited_statements(text: str) -> list[str]:
    """Return the sentences of an answer that make a statement about the chip and cite nothing.

    A statement is a sentence with a number with a unit or an error, a target, a verdict or a failure. Headings, questions and code are none; a row of a
    table is one sentence, and its header is none unless it has a quantity. The rule is one of form: it does not judge whether a statement follows from
    its citation.
    """
    sentences = (sentence.strip() for block in parse_answer(text) for sentence in _iter_sentences(block))
    return [one for one in sentences if _is_statement(one) and not CITATION.search(one)]


def _is_statement(sentence: str) -> bool:
    return not sentence.endswith("?") and _STATEMENT.search(CITATION.sub(" ", sentence)) is not None


def _iter_sentences(block: Block) -> Iterator[str]:
    if block.kind in ("heading", "code"):
        return
    if block.kind == "table":
        rows = [" ".join(map(_write_for_search, row)) for row in block.rows]
        if block.is_headed and not _QUANTITY.search(rows[0]):
            del rows[0]
        yield from rows
    else:
        yield from _SENTENCE_END.split(_write_for_search(block.spans).replace("\n", " "))


def _write_for_search(spans: Sequence[Span]) -> str:
    """Return text with the citations that count, and without code."""
    return "".join(
        str(span.reference)
        if isinstance(span, CitedSpan)
        else " "
        if span.kind == "code"
        else CITATION.sub(" ", span.text)
        for span in spans
    )
