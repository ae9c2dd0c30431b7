"""Files that texts name, and the names under which files are attached."""

from __future__ import annotations

import pytest

from qdash_builtin.attachments.accepted_files import LONGEST_NAME, NAME
from qdash_builtin.attachments.file_markdown import list_files, make_file_markdown, make_free_name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "![cable](file:cable.jpg) and [data](file:data.csv), ![again](file:cable.jpg)",
            ["cable.jpg", "data.csv"],
        ),
        ("![left side](file:left%20side.jpg)", ["left side.jpg"]),
        ("[t](<file:a.csv>) ![](file:b.png )", ["a.csv", "b.png"]),
        ("file:a.csv, [r](result:3b1d), [w](https://example.org/file:a.csv) ![x]( file:a b.png)", []),
    ],
)
def test_a_text_names_files_in_markdown(text: str, names: list[str]) -> None:
    assert list_files(text) == names


@pytest.mark.parametrize(("name", "media_type"), [("left side.jpg", "image/jpeg"), ("a_1-b.csv", "text/csv")])
def test_the_markdown_of_a_file_names_it(name: str, media_type: str) -> None:
    markdown = make_file_markdown(name, media_type)
    assert (list_files(markdown), markdown.startswith("!")) == ([name], media_type.startswith("image/"))


@pytest.mark.parametrize(
    ("given", "taken", "name"),
    [
        ("image.png", (), "image.png"),
        ("image.png", ("image.png",), "image-2.png"),
        ("image.png", ("Image.png", "image-2.png"), "image-3.png"),
        ("IMG 0042 (1).JPG", (), "IMG-0042-1.jpg"),
        ("C:\\fakepath\\写真.jpg", (), "file.jpg"),
        ("../../.bashrc", (), "file.bashrc"),
        ("写真", (), "file"),
        ("", (), "file"),
    ],
)
def test_a_given_name_becomes_one_that_is_possible_and_free(
    given: str, taken: tuple[str, ...], name: str
) -> None:
    assert make_free_name(given, taken) == name


def test_a_long_name_keeps_its_suffix() -> None:
    taken = [make_free_name("x" * 300 + ".jpeg", ())]
    for _ in range(12):
        taken.append(make_free_name("x" * 300 + ".jpeg", taken))
    assert len({*taken}) == 13
    assert all(NAME.fullmatch(one) and one.endswith(".jpeg") and len(one) <= LONGEST_NAME for one in taken)
