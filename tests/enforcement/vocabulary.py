"""Rules of the vocabulary: names of modules, first lines of docstrings, and words that the glossary replaces.

`python -m tests.enforcement.vocabulary` writes the list of exceptions anew; it refuses to make the list longer.
"""

from __future__ import annotations

import ast
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXCEPTIONS = Path(__file__).with_name("vocabulary_exceptions.txt")
"""One exception a line: rule, path, and the qualified name or the word that breaks the rule."""
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/*/*.md")
PRODUCT = ("packages/*/src/**/*.py", "src/**/*.py")
AROUND = ("tests/**/*.py", "benchmarks/**/*.py", "faults/**/*.py", "examples/**/*.py")

NOUNS_IN_ING = frozenset(
    [
        "benchmarking",
        "colouring",
        "coupling",
        "fuzzing",
        "listening",
        "logging",
        "numbering",
        "paging",
        "parsing",
        "planning",
        "salvaging",
        "sampling",
        "scheduling",
        "string",
        "testing",
        "timing",
        "wiring",
        "wrapping",
    ]
)
"""Nouns of the field or of programming, which name a subject although they end as participles do."""
BARE_NAMES = frozenset(
    [
        "about",
        "after",
        "again",
        "ahead",
        "alone",
        "also",
        "apart",
        "around",
        "away",
        "before",
        "behind",
        "below",
        "beside",
        "between",
        "by",
        "few",
        "here",
        "how",
        "left",
        "of",
        "off",
        "once",
        "outside",
        "over",
        "so",
        "somewhere",
        "then",
        "there",
        "through",
        "together",
        "under",
        "until",
        "what",
        "when",
        "where",
        "who",
        "with",
    ]
)
"""Adverbs, prepositions and question words, which name no subject."""
QUESTION_WORDS = frozenset(
    ["how", "of", "what", "when", "where", "whether", "which", "who", "whoever", "whose", "why"]
)
NO_VERBS = QUESTION_WORDS | frozenset(
    [
        "a",
        "all",
        "an",
        "any",
        "as",
        "at",
        "each",
        "every",
        "for",
        "from",
        "in",
        "it",
        "its",
        "no",
        "none",
        "on",
        "one",
        "only",
        "so",
        "some",
        "that",
        "the",
        "these",
        "they",
        "this",
        "those",
        "true",
        "two",
        "until",
        "with",
    ]
)
REPLACED = {
    "door": "interface or command",
    "doors": "interfaces or commands",
    "in one go": "whole, at once",
    "mend": "fix",
    "mended": "fixed",
    "mends": "fixes",
    "nobody knows": "unknown",
    "of which": "a clause of its own",
    "whoever": "the noun",
    "by then": "a time",
    "as far as": "if, or to the extent that",
}
"""Words that the glossary replaces, with their replacements."""
_QUESTIONS_OF_NOUNS = frozenset(["what", "who", "whoever"])
"""Question words that the first line of a class or module has nowhere."""
_OPENING = r"""[ \t(]*[ru]?(?P<quote>\"{3}|'{3}|"|')"""
_NO_LETTERS = r"[^\w']*"
_CANDIDATE = re.compile(
    rf"(?:^|:){_OPENING}(?:{_NO_LETTERS}(?:{'|'.join(QUESTION_WORDS)})\b"
    rf"|(?:(?!\n[ \t]*\n|(?P=quote)).)*?\b(?:{'|'.join(_QUESTIONS_OF_NOUNS)})\b)",
    re.MULTILINE | re.DOTALL,
)
"""String at the beginning of a line or block that may be a docstring with a question word; of a text in lower case."""
_CANDIDATE_OF_FUNCTION = re.compile(
    rf":[ \t]*(?:\#[^\n]*)?\n?\s*{_OPENING}{_NO_LETTERS}(?:{'|'.join(NO_VERBS)})\b"
)
"""String at the beginning of a block that may be a docstring without a verb; of a text in lower case."""
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_REPLACED = re.compile(rf"\b({'|'.join(map(re.escape, REPLACED))})\b")


def sources(patterns: tuple[str, ...]) -> list[Path]:
    """Return the files that people write."""
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern) if ".venv" not in path.parts)


def breaches(patterns: tuple[str, ...]) -> Iterator[str]:
    """Yield each breach of a rule, in sources and pages, as a line of the list of exceptions."""
    for path in sources(patterns):
        where = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            yield from (f"replaced-word {where} {word}" for word in replaced_words(text))
            continue
        stem = path.stem.removeprefix("test_")
        if stem in BARE_NAMES or _is_participle(stem):
            yield f"module-name {where}"
        yield from (
            f"{rule} {where} {name}" for rule, name in in_source(text, is_test="tests" in where.parts)
        )


def in_source(text: str, *, is_test: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the rules that docstrings of a module break, each with the qualified name of its object."""
    if _may_breach(text.lower(), is_test=is_test):
        yield from _in_scope(ast.parse(text), "", is_test=is_test)


def replaced_words(text: str) -> list[str]:
    """Return the replaced words that occur in a text, outside of code."""
    found = set(_REPLACED.findall(_CODE.sub("", text).lower()))
    return [word for word in REPLACED if word in found]


def _may_breach(text: str, *, is_test: bool) -> bool:
    """Return False if a module, in lower case, is sure to break no rule: parsing takes most of the time, and few modules may."""
    return (
        (any(word in text for word in REPLACED) and _REPLACED.search(text) is not None)
        or _CANDIDATE.search(text) is not None
        or (not is_test and _CANDIDATE_OF_FUNCTION.search(text) is not None)
    )


def _is_participle(stem: str) -> bool:
    """Return whether a module is named by a participle alone, as in `left` or `asking`."""
    return (
        "_" not in stem
        and stem not in NOUNS_IN_ING
        and re.fullmatch(r"\w{2,}(ing|[^aeiou]ed|ied)", stem) is not None
    )


def _in_scope(node: ast.AST, qualname: str, *, is_test: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        docstring = ast.get_docstring(node)
        name = qualname or "(module)"
        if docstring:
            if _is_odd_headline(node, docstring.partition("\n\n")[0], is_test=is_test):
                yield "headline", name
            yield from (("replaced-word", f"{name} {word}") for word in replaced_words(docstring))
    for attribute, text in _attribute_docstrings(node):
        if text.partition(" ")[0].lower() in QUESTION_WORDS:
            yield "headline", f"{qualname}.{attribute}".lstrip(".")
    for child in _iter_statements(node):
        inner = qualname
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{qualname}.{child.name}".lstrip(".")
        yield from _in_scope(child, inner, is_test=is_test)


def _iter_statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements of a block that contain others, and the clauses of such a statement."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        statements = getattr(node, block, ())
        if isinstance(statements, list):  # the body of a lambda or a conditional expression is none
            yield from (one for one in statements if hasattr(one, "body"))


def _attribute_docstrings(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the targets of assignments in a body, each with the string below it."""
    body = getattr(node, "body", None)
    for assignment, below in pairwise(body if isinstance(body, list) else []):
        match assignment, below:
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                yield ast.unparse(target), text


def _is_odd_headline(node: ast.AST, headline: str, *, is_test: bool) -> bool:
    words = re.findall(r"[\w']+", headline)
    first = words[0].lower() if words else ""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        # A property is a noun; the docstring of a test tells a reason.
        if _is_property(node) or is_test:
            return first in QUESTION_WORDS
        return first in NO_VERBS
    return first in QUESTION_WORDS or bool(_QUESTIONS_OF_NOUNS & {word.lower() for word in words})


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"property", "cached_property", "setter", "fixture"}) or any(
        "fixture" in name for name in names
    )


def main() -> None:
    """Write the list of exceptions anew, without those that are gone."""
    found = sorted(breaches((*PRODUCT, *AROUND, *PAGES)))
    before = EXCEPTIONS.read_text(encoding="utf-8").splitlines() if EXCEPTIONS.exists() else found
    if new := sorted(set(found) - set(before)):
        sys.exit("fix these instead of listing them:\n" + "\n".join(new))
    EXCEPTIONS.write_text("".join(f"{line}\n" for line in found), encoding="utf-8")


if __name__ == "__main__":
    main()
