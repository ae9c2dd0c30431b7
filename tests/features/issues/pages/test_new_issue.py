"""Form of a new issue: filled from a result, with its figure on request; one issue however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.issues.pages import issue_files, new_issue
from qdash_core.models.task import TaskStatus, Verdict
from qdash_ui_streamlit.view import View

from .conftest import EXECUTION, join_html, join_texts, list_buttons, press

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from .conftest import IssueLab

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def went(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Issues to which forms led. A test of one page cannot switch to another."""
    found: list[str] = []
    monkeypatch.setattr(View, "go", lambda _view, _path, **params: found.append(params["issue"]))
    return found


def read_field(page: AppTest, label: str) -> str | None:
    (widget,) = (one for one in [*page.text_input, *page.text_area] if one.label == label)
    return widget.value


def test_the_form_of_a_failed_result_is_filled(issue_lab: IssueLab, went: list[str]) -> None:
    task_id = issue_lab.record("r1")
    page = issue_lab.pages.page(new_issue.render, "editor", result=task_id)
    assert read_field(page, "Title") == "CheckT1 on qubit 0: the trace is flat"
    assert read_field(page, "Description") == "> the trace is flat: no decay found\n\n"
    assert (read_field(page, "Chip"), read_field(page, "Qubits and couplings")) == ("a", "0")
    assert "None." in join_texts(page)
    page = press(page, "Insert the figure of the result")
    page = press(page, "Open issue")
    assert went == ["1"]
    view = issue_lab.show("1")
    made = view.issue
    assert (made.chip_id, made.targets, made.task_id, made.execution_id, made.metrics) == (
        "a",
        ["0"],
        task_id,
        EXECUTION,
        ["t1"],
    )
    assert made.body.endswith(f"![CheckT1 on qubit 0](result:{task_id})")
    assert [one.result is not None for one in view.pictures] == [True]


def test_similar_issues_are_shown_before_another_one_is_opened(issue_lab: IssueLab) -> None:
    first = issue_lab.open("no decay", task_id=issue_lab.record("r1"))
    issue_lab.pages.qdash.get(ISSUES).close(
        issue_lab.pages.qdash.access("owner"), first, comment="The pump was off."
    )
    html = join_html(issue_lab.pages.page(new_issue.render, "editor", result=issue_lab.record("r12")))
    assert "#1 no decay" in html
    assert "The pump was off." in html
    html = join_html(issue_lab.pages.page(new_issue.render, "editor", chip="a", target="0"))
    assert "#1 no decay" in html


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"message": "flat\n<b>" + "x" * 300}, "CheckT1 on qubit 0: flat <b>xxx"),
        (
            {
                "status": TaskStatus.COMPLETED,
                "verdict": Verdict.FLAGGED,
                "message": "",
                "reasons": ["a jump"],
            },
            "CheckT1 on qubit 0: a jump",
        ),
        (
            {"status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED, "message": "good"},
            "CheckT1 on qubit 0",
        ),
    ],
)
def test_the_title_says_what_happened(issue_lab: IssueLab, changes: dict[str, object], title: str) -> None:
    page = issue_lab.pages.page(new_issue.render, "editor", result=issue_lab.record("r1", **changes))
    shown = read_field(page, "Title") or ""
    assert shown.startswith(title)
    assert len(shown) <= 200


def test_a_target_an_execution_and_a_chip_are_linked(issue_lab: IssueLab, went: list[str]) -> None:
    for place, (address, links) in enumerate(
        (
            ({"chip": "a", "target": "0-1"}, ("a", ["0-1"], "")),
            ({"execution": EXECUTION}, ("a", [], EXECUTION)),
            ({"chip": "a"}, ("a", [], "")),
            ({}, ("", [], "")),
        ),
        start=1,
    ):
        page = issue_lab.pages.page(new_issue.render, "editor", **address)
        next(one for one in page.text_input if one.label == "Title").input("the pump rattles")
        press(page, "Open issue")
        made = issue_lab.show(str(place)).issue
        assert (made.chip_id, made.targets, made.execution_id) == links
    assert went == ["1", "2", "3", "4"]


def test_a_form_sent_twice_opens_one_issue_and_a_later_form_another(
    issue_lab: IssueLab, went: list[str]
) -> None:
    page = issue_lab.pages.page(new_issue.render, "editor", chip="a")
    next(one for one in page.text_input if one.label == "Title").input("the pump rattles")
    button = next(one for one in page.button if one.label == "Open issue")
    page = button.click().run()
    button.click().run()
    assert set(went) == {"1"}
    page = issue_lab.pages.page(new_issue.render, "editor", chip="a")
    next(one for one in page.text_input if one.label == "Title").input("the pump rattles")
    press(page, "Open issue")
    assert went[-1] == "2"


def test_a_refused_issue_keeps_the_form(issue_lab: IssueLab, went: list[str]) -> None:
    page = issue_lab.pages.page(new_issue.render, "editor", chip="a")
    page = press(page, "Open issue")
    assert len(page.error) == 1
    next(one for one in page.text_input if one.label == "Title").input("the pump rattles")
    next(one for one in page.text_area if one.label == "Description").input("![p](https://outside.example/p)")
    page = press(page, "Open issue")
    assert "is neither from a result nor an attached file" in page.error[0].value
    assert read_field(page, "Title") == "the pump rattles"
    assert not went


def test_a_preview_shows_the_text_formatted(issue_lab: IssueLab) -> None:
    page = issue_lab.pages.page(new_issue.render, "editor", chip="a")
    next(one for one in page.text_area if one.label == "Description").input("**Flat** <script>1</script>")
    html = join_html(press(page, "Preview"))
    assert "<strong>Flat</strong>" in html
    assert "<script" not in html


def test_viewers_have_no_form(issue_lab: IssueLab) -> None:
    page = issue_lab.pages.page(new_issue.render, "viewer", chip="a")
    assert "Editors of the project open issues." in join_texts(page)
    assert not list_buttons(page)
    assert not page.text_input


def test_drafts_keep_a_limited_size_of_files(
    issue_lab: IssueLab, went: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issue_files, "_MOST_KEPT", 1000)
    page = issue_lab.pages.page(new_issue.render, "editor", chip="a")
    page = page.file_uploader[0].set_value(("one.txt", b"1" * 600, "text/plain")).run()
    assert not page.error
    page = page.file_uploader[0].set_value(("two.txt", b"2" * 600, "text/plain")).run()
    (refused,) = page.error
    assert "two.txt cannot be attached yet" in refused.value
    assert "open the issue, then attach it there" in refused.value
    next(one for one in page.text_input if one.label == "Title").input("raw data")
    press(page, "Open issue")
    assert [one.name for one in issue_lab.show(went[0]).issue.attachments] == ["one.txt"]
