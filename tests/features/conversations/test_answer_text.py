"""Text of answers without HTML, pictures, links and control characters."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from qdash_builtin.conversations.answer_text import find_references, write_html, write_plain
from qdash_builtin.conversations.citations import LONGEST_REFERENCE
from qdash_core.models.references import Reference, list_record_kinds

ALLOWED = {
    "p",
    "h4",
    "ul",
    "ol",
    "li",
    "pre",
    "code",
    "strong",
    "em",
    "br",
    "table",
    "tr",
    "th",
    "td",
    "cite",
}
PIECES = st.sampled_from(
    [
        *(
            "![a](https://evil.example/p.png)",
            "[b](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "<script>",
        ),
        *(
            "[result:abc]",
            "[value:a/3/t1]",
            "**",
            "*",
            "`",
            "```\n",
            "\n",
            "\n\n",
            "| a | b |\n",
            "|--|--|\n",
            "- ",
            "1. ",
            "# ",
        ),
        *(
            "<b>",
            "</p>",
            '"',
            "&",
            "]",
            "(",
            ")",
            "data:text/html,x",
            "\x1b[31m",
            "\u202e",
            " ",
            "34 µs",
            "Q3",
            "<a href='//x'>",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join)


class Elements(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes = set[str](), set[tuple[str, str, str | None]]()
        self.feed(page)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, *one) for one in attrs}


def cite(reference: Reference) -> str:
    return f"<cite>{escape(str(reference))}</cite>"


@given(TEXTS)
def test_html_has_only_our_elements_and_the_citations(text: str) -> None:
    page = write_html(text, cite)
    found = Elements(page)
    assert found.tags <= ALLOWED
    assert all(
        tag == "li" and name == "value" and value and value.isdigit() for tag, name, value in found.attributes
    )
    assert set(re.findall(r"<cite>(.*?)</cite>", page)) == {escape(str(one)) for one in find_references(text)}


@given(TEXTS)
def test_plain_text_commands_no_terminal(text: str) -> None:
    assert not [one for one in write_plain(text) if one != "\n" and category(one) == "Cc"]
    assert "\u202e" not in write_plain(text)


@given(
    st.sampled_from([*list_record_kinds()]),
    st.text("abcXYZ0189_./#-%:", min_size=1, max_size=LONGEST_REFERENCE),
    st.sampled_from(["{}", "T1 fell {}.", "**{}**", "- {}", "| {} |", "a_{}_b", "({})"]),
)
def test_a_citation_is_found_wherever_it_is_written(kind: str, name: str, place: str) -> None:
    reference = Reference(kind, name)
    assert find_references(place.format(reference)) == [reference]


def test_an_answer_keeps_its_form() -> None:
    text = (
        "# Result\nT1 of Q3 **fell** [result:abc]\nby *half*.\n\n- one\n  more\n- `two`\n\n3. three\n\n```\nqdash run\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|\n![x](https://evil.example/p.png) <b>"
    )
    assert write_html(text, cite) == (
        "<h4>Result</h4><p>T1 of Q3 <strong>fell</strong> <cite>[result:abc]</cite><br>by <em>half</em>.</p>"
        '<ul><li>one<br>more</li><li><code>two</code></li></ul><ol><li value="3">three</li></ol><pre><code>qdash run</code></pre>'
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><table><tr><th>c</th></tr></table>"
        "<p>x (https://evil.example/p.png) &lt;b&gt;</p>"
    )
    assert write_plain(text, lambda one: f"({one.id})") == (
        "Result\n\nT1 of Q3 fell (abc)\nby half.\n\n- one\n  more\n- two\n\n3. three\n\n    qdash run\n\n"
        "a | b\n1 | 2\n\nc\n\nx (https://evil.example/p.png) <b>"
    )


@pytest.mark.timeout(30)
def test_a_long_line_that_almost_begins_code_is_text() -> None:
    line = "~" * 49_999 + "`"
    assert write_html(line, cite) == f"<p>{line}</p>"
