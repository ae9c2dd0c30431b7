"""History of a file: differences of a version, and restoring it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ....ui.problems import list_problems
from .drawn_page import find_data, find_widget, list_labels, read_html

if TYPE_CHECKING:
    from .conftest import FilePages

pytestmark = pytest.mark.slow

PATH = "params/t1.yaml"


def write_versions(file_pages: FilePages) -> None:
    place = file_pages.make_place(PATH)
    for value in (32, 33):
        place.write(f"Q00: {value}\n".encode(), f"measured {value}", seen="*")


def test_a_version_shows_its_differences_from_the_one_before_or_from_the_present(
    file_pages: FilePages,
) -> None:
    write_versions(file_pages)
    params = {"root": "lab", "file": PATH, "view": "history", "version": "2"}
    drawn = file_pages.draw("viewer", **params)
    rows = find_data(drawn, "rows")["rows"]
    assert [(one["version"], one["reason"]) for one in rows] == [
        ("3", "measured 33"),
        ("2", "measured 32"),
        ("1", None),
    ]
    assert "<del>-Q00: 31.5</del><ins>+Q00: 32</ins>" in read_html(drawn)
    assert list_labels(drawn) == []
    drawn = file_pages.draw("viewer", **params, against="the present contents")
    assert "<del>-Q00: 32</del><ins>+Q00: 33</ins>" in read_html(drawn)
    assert "/content?path=params%2Ft1.yaml&amp;version=2" in read_html(drawn)


def test_a_version_is_restored_after_confirmation(file_pages: FilePages) -> None:
    write_versions(file_pages)
    drawn = file_pages.draw(root="lab", file=PATH, view="history", version="1")
    find_widget(drawn.button, "Restore …").click().run()
    assert find_widget(drawn.text_input, "Reason").value == "version 1 restored"
    assert (file_pages.lab / PATH).read_text() == "Q00: 33\n"


def test_a_file_without_versions_says_so(file_pages: FilePages) -> None:
    drawn = file_pages.draw(root="lab", file=PATH, view="history")
    assert drawn.info[0].value.startswith("No versions yet.")


def test_versions_of_files_that_are_no_text_are_not_compared(file_pages: FilePages) -> None:
    file_pages.make_place("a.bin").write(b"\0\xff", "", seen=None)
    file_pages.make_place("a.bin").write(b"\0\xfe", "", seen="*")
    drawn = file_pages.draw(root="lab", file="a.bin", view="history", version="2")
    assert not list_problems(drawn)
    assert drawn.info
