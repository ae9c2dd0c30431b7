"""List of issues: filters in the address, pages, empty states; open issues on other pages."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from qdash_builtin.chips.pages import chip
from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.targets import QUBIT
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.issues.operations import list_issues
from qdash_builtin.issues.pages import issues
from qdash_builtin.results.pages import result
from qdash_builtin.runs.pages import execution

from ....ui.tables import read_rows
from .conftest import EXECUTION, join_html, join_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_ui_streamlit.view import View

    from .conftest import IssueLab

pytestmark = pytest.mark.slow


def list_ids(page: AppTest) -> list[str]:
    return [row["issue_id"] for row in read_rows(page, "Issues")]


def test_a_project_without_issues_says_how_to_open_one(issue_lab: IssueLab) -> None:
    page = issue_lab.pages.page(issues.render, "editor")
    assert "No issue is open." in join_texts(page)
    assert [one.proto.label for one in page.get("link_button")] == ["Open an issue"]
    assert not issue_lab.pages.page(issues.render, "viewer").get("link_button")


def test_the_address_selects_issues(issue_lab: IssueLab) -> None:
    task_id = issue_lab.record("r1")
    issue_lab.open("no decay", task_id=task_id, labels=["readout", "urgent"], assignees=["owner"])
    issue_lab.open("the pump rattles", by="owner", body="in the basement")
    closed = issue_lab.open("an old story", chip_id="a", targets=["1"])
    issue_lab.pages.qdash.get(ISSUES).close(issue_lab.pages.qdash.access("editor"), closed)
    page = partial(issue_lab.pages.page, issues.render, "viewer")
    assert list_ids(page()) == ["#2", "#1"]
    for address, expected in (
        ({"state": "any"}, ["#3", "#2", "#1"]),
        ({"state": "closed"}, ["#3"]),
        ({"state": "open"}, ["#2", "#1"]),
        ({"label": "Readout"}, ["#1"]),
        ({"assignee": "owner"}, ["#1"]),
        ({"user": "owner"}, ["#2"]),
        ({"chip": "a"}, ["#1"]),
        ({"chip": "a", "target": "1", "state": "any"}, ["#3"]),
        ({"metric": "t1"}, ["#1"]),
        ({"q": "basement pump"}, ["#2"]),
        ({"result": task_id}, ["#1"]),
        ({"execution": EXECUTION}, ["#1"]),
    ):
        assert list_ids(page(**address)) == expected, address
    assert read_rows(page(q="no such words at all"), "Issues") == []


def test_an_invalid_condition_is_reported(issue_lab: IssueLab) -> None:
    page = issue_lab.pages.page(issues.render, "viewer", target="first")
    assert page.error


def test_long_lists_have_pages(monkeypatch: pytest.MonkeyPatch, issue_lab: IssueLab) -> None:
    for number in (1, 2, 3):
        issue_lab.open(f"issue {number}")
    monkeypatch.setattr(issues, "list_issues", Limited())
    page = issue_lab.pages.page(issues.render, "viewer", state="open")
    assert list_ids(page) == ["#3", "#2"]
    (cursor,) = re.findall(r"state=open&amp;after=([^\"&]+)", join_html(page))
    page = issue_lab.pages.page(issues.render, "viewer", state="open", after=unquote(cursor))
    assert list_ids(page) == ["#1"]
    assert "← Newest" in join_html(page)


class Limited:
    """The list of issues, with pages of two."""

    def paged(self, *, after: str | None) -> Any:
        return list_issues.paged(limit=2, after=after)


def test_open_issues_are_on_the_pages_of_what_they_are_about(issue_lab: IssueLab) -> None:
    task_id = issue_lab.record("r1")
    issue_lab.open("no <decay>", task_id=task_id)
    closed = issue_lab.open("an old story", task_id=task_id)
    issue_lab.pages.qdash.get(ISSUES).close(
        issue_lab.pages.qdash.access("editor"), closed, comment="It melted."
    )
    pages: dict[str, tuple[Callable[[View], None], dict[str, str], str]] = {
        "result": (result.render, {"result": task_id}, f"/new-issue?result={task_id}"),
        "qubit": (
            partial(draw_target, kind=QUBIT),
            {"chip": "a", "qubit": "0"},
            "/new-issue?chip=a&target=0",
        ),
        "execution": (
            execution.render,
            {"execution": EXECUTION},
            f"/new-issue?execution={EXECUTION}",
        ),
        "chip": (chip.render, {"chip": "a"}, "/new-issue?chip=a"),
        "panel": (chip.render, {"chip": "a", "target": "0"}, "/new-issue?chip=a&target=0"),
    }
    for name, (render, address, link) in pages.items():
        page = issue_lab.pages.page(render, "editor", **address)
        html = join_html(page)
        assert "#1 no &lt;decay&gt;" in html, name
        assert ("It melted." in html) == (name == "result"), name
        assert link in [one.proto.url for one in page.get("link_button")], name
        viewed = issue_lab.pages.page(render, "viewer", **address)
        assert link not in [one.proto.url for one in viewed.get("link_button")], name


def test_a_list_of_qubits_shows_their_open_issues(issue_lab: IssueLab) -> None:
    issue_lab.open("no decay", chip_id="a", targets=["1", "0-1"])
    page = issue_lab.pages.page(partial(draw_target, kind=QUBIT), "viewer", chip="a")
    rows = {row["target"]: row["open_issues"] for row in read_rows(page, "Qubits")}
    assert rows["0"] == []
    (shown,) = rows["1"]
    assert (shown["text"], shown["title"], shown["href"]) == ("#1", "no decay", "/issue?issue=1")
