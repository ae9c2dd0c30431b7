"""Differences of texts: each line with its sign, and nothing of it is HTML."""

from __future__ import annotations

import re

from qdash_ui_streamlit.display.differences import compare_texts, format_differences_html


def test_removed_and_added_lines_are_marked_at_their_place() -> None:
    unified = compare_texts("a\n-- b\nc\n", "a\n<b>x</b>\nc\n", names=("saved", "yours"))
    html = format_differences_html(unified)
    assert re.findall(r"<del>(.*?)</del>", html) == ["--- b"]
    assert re.findall(r"<ins>(.*?)</ins>", html) == ["+&lt;b&gt;x&lt;/b&gt;"]
    assert re.findall(r'<span class="place">(.*?)</span>', html) == [
        "--- saved",
        "+++ yours",
        "@@ -1,3 +1,3 @@",
    ]
    assert re.findall(r"<span>(.*?)</span>", html) == [" a", " c"]


def test_equal_texts_have_no_differences() -> None:
    assert compare_texts("a\n", "a\n", names=("saved", "yours")) == ""
