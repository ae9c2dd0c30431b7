"""Markdown of a context: texts of users and programs are no part of the page, whatever they contain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qdash_api.samples import read_samples
from qdash_builtin.contexts.views.context import ContextDocument, ContextParameter
from qdash_builtin.contexts.views.context_markdown import ContextMarkdown
from qdash_builtin.contexts.views.context_parts import ContextHistory, ContextPoint, ContextQuantity

from .samples import TASK_ID, make_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it.token import Token

PARSER = MarkdownIt("js-default", {"html": True})
"""CommonMark with raw HTML, tables and strikethrough."""
TITLES = {
    "Result of CheckT1 on 3 of chip lab", "Result", "Task", "The same task on other targets", "Chip", "Failures", "Values in use", "Issues that are not closed", "Similar closed issues", "Notes", "Data of figures", "Other results",
    "Not shown",
}  # fmt: skip
HARMLESS = {
    "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
    "list_item_open", "list_item_close", "fence", "text", "code_inline", "softbreak",
}  # fmt: skip
ATTACKS = [
    "# heading", "Setext\n===", "Setext\n---", "```\n# out of the fence", "~~~\n# out", "``````````\n# out", "`code` and `` code ``",
    "`", "a`", "``", "<script>alert(1)</script>", "<!-- comment -->", "<img src=http://example.com/a.png>", "![](http://example.com/a.png)",
    "[text](http://example.com)", "[ref]\n\n[ref]: http://example.com", "<http://example.com>", "- list\n- list", "1. one\n2. two",
    "> quote", "| a | b |\n| --- | --- |\n| 1 | 2 |", "    indented", "*emphasis* _emphasis_ ~~strike~~ **strong**", "&lt;b&gt;", "line  \nbreak",
    "\\", "\\`", "\r# carriage return", "a\u2028# separator", "a\x0b# tabulation", "a\x85# next line", "***", "## Values in use\n\n- `t1`: 1 µs",
    "\n\n\n", "\t# tab", "日本語 `\n# 見出し", "x\n```text\n# in a fence of its own\n```\n# after",
]  # fmt: skip


def iter_tokens(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from iter_tokens(token.children or ())


def check(page: str) -> list[Token]:
    """Check that a page has its own structure only, and return its tokens."""
    tokens: list[Token] = PARSER.parse(page)
    assert {one.type for one in iter_tokens(tokens)} <= HARMLESS
    titles = [
        "".join(child.content for child in tokens[place + 1].children or ())
        for place, one in enumerate(tokens)
        if one.type == "heading_open"
    ]
    assert set(titles) <= TITLES
    assert len(titles) == len(set(titles))
    return tokens


def write(*, notes: list[str], messages: list[str]) -> str:
    document = ContextDocument.from_context(make_context(notes=notes, messages=messages, values=2, points=4))
    return ContextMarkdown(document).write()


def test_a_text_cannot_pose_as_a_part_of_the_page(subtests: pytest.Subtests) -> None:
    for text in ATTACKS:
        with subtests.test(text):
            for notes, messages in (([text], []), ([], [text]), ([text, text], [text, text])):
                check(write(notes=notes, messages=messages))


@given(
    notes=st.lists(st.text(st.sampled_from("`~#-=>|<![]()*_\\ \n\ra:/&"), max_size=40), max_size=3),
    messages=st.lists(st.text(st.sampled_from("`~#-=>|<![]()*_\\ \n\ra:/&"), max_size=40), max_size=3),
)
def test_no_sequence_of_signs_poses_as_a_part_of_the_page(notes: list[str], messages: list[str]) -> None:
    check(write(notes=notes, messages=messages))


@pytest.mark.parametrize("text", [one for one in ATTACKS if one.isprintable()])
def test_a_note_is_shown_as_it_is(text: str) -> None:
    (fence,) = (one for one in check(write(notes=[text], messages=[])) if one.type == "fence")
    assert fence.content == f"{text}\n"


def test_characters_that_hide_or_turn_text_become_visible() -> None:
    page = write(notes=["a\u202etxt.exe\x1b[31m\u2066"], messages=["zero\u200bwidth"])
    assert "a\ufffdtxt.exe\ufffd[31m\ufffd\n" in page
    assert "zero\ufffdwidth" in page


def test_ids_are_links_to_the_dashboard_if_its_address_is_known() -> None:
    document = ContextDocument.from_context(make_context(messages=["no decay"]))
    page = ContextMarkdown(document, "https://lab.example/dash/").write()
    assert f"- id: [`{TASK_ID}`](https://lab.example/dash/result?project=default&result={TASK_ID})\n" in page
    assert (
        "[`20261120-003`](https://lab.example/dash/execution?project=default&execution=20261120-003)" in page
    )
    assert "](http" not in ContextMarkdown(document).write()


def test_numbers_of_a_run_stay_exact_and_estimates_are_rounded() -> None:
    example = read_samples("qdash_builtin")["ContextDocument"]
    document = ContextDocument.model_validate(example)
    assert document.result is not None
    parameters = {
        "shots": ContextParameter(value=123_456_789),
        "reset": ContextParameter(value=False),
        "delay": ContextParameter(value=0.1234567891, unit="us"),
    }
    estimates = {"t1": ContextQuantity(value=81.5, error=1.3, unit="us")}
    result = document.result.model_copy(update={"run_parameters": parameters, "estimates": estimates})
    page = ContextMarkdown(document.model_copy(update={"result": result})).write()
    assert "- estimate `t1`: 81.5(13) µs\n" in page
    assert "- run parameter `shots`: 123456789\n" in page
    assert "- run parameter `reset`: False\n" in page
    assert "- run parameter `delay`: 0.1234567891 `us`\n" in page


def test_values_of_a_history_have_its_unit() -> None:
    example = ContextDocument.model_validate(read_samples("qdash_builtin")["ContextDocument"])
    at = datetime(2026, 11, 20, 8, 51, 7, tzinfo=UTC)
    point = ContextPoint(
        value=81.5, error=1.3, measured_at=at, outcome="accepted", in_use=True, result="/task-results/r1"
    )
    history = ContextHistory(target="0", metric="t1", unit="us", total=1, points=[point])
    page = ContextMarkdown(example.model_copy(update={"histories": [history]})).write()
    assert "`t1`, unit `us`, total 1:\n\n- 81.5(13) µs, 2026-11-20T08:51:07Z, accepted, in use, " in page
