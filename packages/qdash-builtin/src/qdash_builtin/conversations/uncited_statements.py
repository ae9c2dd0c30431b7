"""Statements about the chip in the text of an answer that cite nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_builtin.conversations.answer_text import CitedSpan, parse_answer
from qdash_builtin.conversations.citations import CITATION

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from qdash_builtin.conversations.answer_text import Block, Span

_QUANTITY = re.compile(
    r"(?<![\w.])\d[\d,]{0,15}(?:\.\d{1,15})?(?:e[-\u2212+]?\d{1,3})?(?:\(\d{1,15}\))?"
    r"\s?(?:[nuµμm]?s|[kMG]?Hz|[mk]?K|%|dBm?|m?V|a\.u\.|rad|deg|°|min|h)(?!\w)"
    r"|(?<![\w.])\d{1,15}\.\d{1,15}\(\d{1,15}\)",
    re.IGNORECASE,
)
"""Number with a unit or an error."""
_TARGET_OR_VERDICT = re.compile(
    r"(?<!\w)Q\d+(?!\w)"
    r"|(?<!\w)(?:qubits?|couplings?|targets?)\s+\d+(?!\w)"
    r"|(?<!\w)(?:accepted|flagged|rejected|failed)(?!\w)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?])"
    r"(?<!\b(?i:e\.g|i\.e)\.)(?<!\b(?i:vs|cf|ca)\.)(?<!\b(?i:resp)\.)(?<!\b(?i:approx)\.)"
    r"(?!(?<=\b(?i:no)\.)\s+\d)(?!(?<=\b(?i:fig)\.)\s+\d)(?!(?<=\ba\.u\.)\s+[a-z])"
    r"\s+(?=[^\s\[])"
)
"""End of a sentence, which is not that of an abbreviation. A citation after its full stop belongs to it."""


def find_uncited_statements(text: str, kinds: Container[str]) -> list[str]:
    """Return the sentences of an answer that make a statement about the chip and cite no record of these kinds.

    A statement is a sentence with a number with a unit or an error, a target, a verdict or a failure. Headings, questions and code are none; a row of a
    table is one sentence, and its header is none unless it has a quantity. The rule is one of form: it does not judge whether a statement follows from
    its citation.
    """
    sentences = (sentence.strip() for block in parse_answer(text) for sentence in _iter_sentences(block))
    return [one for one in sentences if not _is_cited(one, kinds) and _is_statement(one)]


def _is_cited(sentence: str, kinds: Container[str]) -> bool:
    return any(match["kind"] in kinds for match in CITATION.finditer(sentence))


def _is_statement(sentence: str) -> bool:
    states = _QUANTITY.search(sentence) or _TARGET_OR_VERDICT.search(sentence)
    return bool(states) and not sentence.endswith("?")


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
