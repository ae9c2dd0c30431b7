"""Words in the search of notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.repositories.documents import search_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("T1 of Q07: 12.5 us!", {"t1", "of", "q07", "12", "5", "us"}),
        ("drag_pi_beta", {"drag", "pi", "beta"}),
        ("\uff33\uff54\uff52\uff41\u00dfe", {"strasse"}),
        ("冷却", {"冷", "却", "冷却"}),
        ("Q3の再測定", {"q3", "の", "再", "測", "定", "の再", "再測", "測定"}),
        ("ﾉｲｽﾞ", {"ノ", "イ", "ズ", "ノイ", "イズ"}),
        (" … ", set()),
    ],
)
def test_words_of_a_text(text: str, terms: set[str]) -> None:
    assert search_terms(text) == terms


@given(st.text("aB9 -周波数"), st.text("Ab9 周波数", max_size=6))
def test_a_text_has_the_words_of_another_if_a_plain_search_finds_each_of_them(text: str, wanted: str) -> None:
    assert (search_terms(wanted) <= search_terms(text)) == all(
        contains(part, text.lower()) for word in wanted.lower().split() for part in split_word(word)
    )


def split_word(word: str) -> list[str]:
    """Return the Latin parts of a word, and each character or pair of the rest."""
    latin = "".join(character if character.isascii() else " " for character in word).split()
    rest = "".join(" " if character.isascii() else character for character in word).split()
    return latin + [run[at : at + 2] for run in rest for at in range(max(1, len(run) - 1))]


def contains(part: str, text: str) -> bool:
    if not part.isascii():
        return part in text
    spaced = "".join(character if character.isascii() and character != "-" else " " for character in text)
    return part in spaced.split()
