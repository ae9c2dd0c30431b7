"""Markdown of users: formatted, but without HTML, pictures and scripts of their own."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.issues.pages.user_markdown import ResultPicture, split_user_markdown


class Reader(HTMLParser):
    """Parser that keeps the elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def read(text: str) -> list[tuple[str, dict[str, str | None]]]:
    (html,) = split_user_markdown(text)
    assert isinstance(html, str)
    return Reader(html).elements


def test_usual_markdown_is_formatted_with_headings_below_those_of_the_page() -> None:
    text = "# T1 fell\n\n**Since** `Friday`:\n\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n###### deep"
    tags = [tag for tag, _ in read(text)]
    assert tags == [
        "h3", "p", "strong", "code", "ul", "li", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td", "h6",
    ]  # fmt: skip


def test_nothing_of_a_text_runs_or_loads(subtests: pytest.Subtests) -> None:
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b> c",
        "<svg><script>alert(1)</script></svg>",
        "<!-- --><style>*{display:none}</style>",
        "![p](https://outside.example/p.png)",
        "![p](//outside.example/p.png)",
        "![p](/host/-/task-results)",
        "![p](data:image/svg+xml,<svg/>)",
        "[a](javascript:alert(1))",
        "[a](JaVaScript:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](vbscript:x)",
        "[a](file:///etc/passwd)",
        "[a](//outside.example)",
        "[a](/\\outside.example)",
        "[a](\\\\outside.example)",
        "<javascript:alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
        "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
        '[a](https://a.example "x\\" onmouseover=alert(1)")',
    ]:
        with subtests.test(text):
            for tag, attributes in read(text):
                assert tag in ("p", "a", "table", "thead", "tbody", "tr", "th", "td")
                assert set(attributes) <= {"href", "rel", "target", "title"}
                assert re.match(r"https://|/(?![/\\])", attributes.get("href") or "/")


def test_links_to_other_hosts_reveal_nothing_and_those_of_the_dashboard_stay_in_the_page() -> None:
    (_, (_, outside), (_, inside)) = read("[wiki](https://wiki.example/q) [qubit](/qubit?qubit=3)")
    assert outside == {
        "href": "https://wiki.example/q",
        "rel": "noopener noreferrer nofollow",
        "target": "_blank",
    }
    assert inside == {"href": "/qubit?qubit=3"}


def test_pictures_of_results_interrupt_the_text_after_their_paragraph() -> None:
    text = "Before\n\n![T1 decay](result:abc/1)\n\nSee ![IQ](<result:abc/IQ plane>) here\n\n![](result:abc)\n\nAfter"
    assert list(split_user_markdown(text)) == [
        "<p>Before</p>\n",
        ResultPicture("abc", "1", "T1 decay"),
        "<p>See [IQ, below] here</p>\n",
        ResultPicture("abc", "IQ plane", "IQ"),
        ResultPicture("abc", "", ""),
        "<p>After</p>\n",
    ]


@pytest.mark.parametrize(
    "address", ["result:", "result:/1", "result:abc/1/2", "result:abc/1?x", "results:abc/1"]
)
def test_an_incomplete_address_is_no_picture(address: str) -> None:
    text = f"![p]({address})"
    assert list(split_user_markdown(text)) == [f"<p>{text}</p>\n"]


def _draw(text: str) -> None:
    import streamlit as st

    from qdash_builtin.issues.pages.user_markdown import draw_user_markdown

    draw_user_markdown(text, draw_picture=lambda picture: st.markdown(f"{picture.task_id} {picture.figure}"))


@pytest.mark.slow
def test_the_caller_draws_the_pictures_in_their_places() -> None:
    given: Any = {"text": "one\n\n![p](result:abc/1)\n\ntwo"}
    drawn = AppTest.from_function(_draw, kwargs=given, default_timeout=10).run()
    assert [one.value for one in drawn.markdown] == ["abc 1"]
    assert [re.findall("<p>.*</p>", one.proto.body) for one in drawn.get("html")] == [
        ["<p>one</p>"],
        ["<p>two</p>"],
    ]
