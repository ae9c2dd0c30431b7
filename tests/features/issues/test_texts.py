"""Texts of issues: pictures, labels and mentions."""

from __future__ import annotations

import pytest

from qdash_builtin.issues.texts import find_mentions, normalise_labels, parse_issue_id
from qdash_builtin.text_pages.text_pictures import list_pictures
from qdash_builtin.text_pages.user_texts import LONGEST_TEXT, check_text
from qdash_core.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@bob", ["bob"]),
        ("ask @bob, @ann.b. and @ann.b@lab.org!", ["ann.b", "ann.b@lab.org", "bob"]),
        ("bob, mail@bob, @@bob, @bobby", []),
        ("(@bob) @bob- @bob_", ["bob"]),
    ],
)
def test_members_are_mentioned_by_whole_names(text: str, found: list[str]) -> None:
    assert find_mentions(text, {"bob", "ann.b", "ann.b@lab.org"}) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![a](result:r0)", [("r0", "figure")]),
        ('![a b](result:r0/figure "title") ![](<result:r1/thumbnail>)', [("r0", "figure"), ("r1", "thumbnail")]),
        ("![a](result:r0) ![b](result:r0)", [("r0", "figure")]),
        ("[link](https://example.org) result:r0 !(result:r0)", []),
    ],
)  # fmt: skip
def test_pictures_are_figures_of_results(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.task_id, one.drawing) for one in list_pictures(text)] == found


@pytest.mark.parametrize(
    "address",
    ["https://example.org/x.png", "//x", "x.png", "data:image/png;base64,xx", "result:", "result:r0/x", ""],
)
def test_a_picture_from_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(InvalidInputError, match="is neither from a result nor an attached file"):
        check_text(f"text ![x]({address}) text", "comment")


@pytest.mark.parametrize("part", ["![", "![](", "![](x ", "![]( ", "@a", "@a@", "#" * 2])
def test_no_text_takes_long(part: str) -> None:
    """Quadratic searches of such texts take minutes."""
    text = part * (LONGEST_TEXT // len(part))
    assert check_text(text, "comment") == text.strip()
    assert find_mentions(text, {"b"}) == []


def test_labels_are_alike_in_every_spelling() -> None:
    assert normalise_labels(["Night  Run", " night run", "ＮＩＧＨＴ run", "Ü"]) == ["night run", "ü"]


@pytest.mark.parametrize("text", ["12", "#12", " 12 ", "012"])
def test_an_issue_is_named_by_its_number(text: str) -> None:
    assert parse_issue_id(text) == "12"
