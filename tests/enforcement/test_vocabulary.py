"""The vocabulary: names and docstrings follow the glossary, and the exceptions only become fewer."""

from __future__ import annotations

import pytest

from .vocabulary import AROUND, EXCEPTIONS, PAGES, PRODUCT, breaches, in_source, replaced_words


@pytest.mark.parametrize(
    "patterns",
    [
        pytest.param((*PRODUCT, *PAGES), id="product and pages"),
        pytest.param(AROUND, id="around it"),
    ],
)
def test_names_and_docstrings_follow_the_vocabulary(patterns: tuple[str, ...]) -> None:
    folders = {pattern.partition("/")[0] for pattern in patterns}
    exceptions = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    allowed = {line for line in exceptions if line.split()[1].partition("/")[0] in folders}
    found = set(breaches(patterns))

    assert not found - allowed, "see docs/glossary.md:\n" + "\n".join(sorted(found - allowed))
    assert not allowed - found, "remove from vocabulary_exceptions.txt:\n" + "\n".join(
        sorted(allowed - found)
    )


@pytest.mark.parametrize(
    "source",
    [
        '"""What a run says."""',
        '"""Runs, and who performs them."""',
        'class Found:\n    """What was found."""',
        'def find():\n    """Whether it is there."""',
        'def find():\n    """The result."""',
        'class A:\n    seen: bool\n    """Whether it was seen."""',
        'def find(\n    name: str,\n) -> bool:  # quick\n    "a result"',
        'def find():\n    """\n    For `code` only."""',
        'def find(): """(the) result"""',
        'class A:\n    """Words about\n    what was found."""',
        'class A(\n    B,\n):\n    """Objects of "this"\n    kind and who made them."""',
    ],
)
def test_a_headline_with_a_question_word_is_refused(source: str) -> None:
    assert [rule for rule, _ in in_source(source)] == ["headline"]


@pytest.mark.parametrize(
    "source",
    [
        '"""Log of a run."""',
        'class Result:\n    """Result of a task."""',
        'def find():\n    """Return whether it is there."""',
        'class A:\n    """Case that `test_what_is_found` detects: test_who_asks"""',
        'class A:\n    """Result.\n\n    It says what was found."""',
        'class A:\n    @property\n    def chip(self):\n        """The chip as it is now."""',
    ],
)
def test_a_headline_with_a_noun_or_a_verb_passes(source: str) -> None:
    assert not [*in_source(source)]


def test_a_replaced_word_is_refused_outside_of_code() -> None:
    assert replaced_words("Whoever opens the door of `doors`.") == ["door", "whoever"]
