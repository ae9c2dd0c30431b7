"""Page of an issue: thread, comments, states, edits by two users, deletion, and texts that are shown as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.issues.feature import ISSUE_FILES, ISSUES
from qdash_builtin.issues.model import IssueState
from qdash_ui_streamlit.forms.repeatable_request import RepeatableRequest

from ....photographs import make_picture
from .conftest import SPITEFUL, join_html, join_texts, list_buttons, press

if TYPE_CHECKING:
    from .conftest import IssueLab

pytestmark = pytest.mark.slow


def test_an_issue_is_shown_with_its_links_texts_events_and_picture(issue_lab: IssueLab) -> None:
    task_id = issue_lab.record("r1")
    issue_id = issue_lab.open(
        "Q00: no decay", body=f"**Flat**: ![trace](result:{task_id})", task_id=task_id, labels=["readout"]
    )
    issues, access = issue_lab.pages.qdash.get(ISSUES), issue_lab.pages.qdash.access("owner")
    issues.comment(access, issue_id, "The pump was off.")
    issues.close(access, issue_id, comment="It is on again.")
    page = issue_lab.draw("viewer", issue_id)
    html = join_html(page)
    assert page.title[0].value == r"\#1 Q00\: no decay"
    for link in ("/chip?chip=a", "/result?result=r1", "/execution?execution=20400101-000", "qubit=0"):
        assert link in html
    assert "<strong>Flat</strong>" in html
    events = ("editor opened the issue", "The pump was off.", "It is on again.", "state: open → closed")
    assert [html.index(one) for one in events] == sorted(html.index(one) for one in events)
    assert "closed the issue with this comment" in html
    # The task draws nothing of these raw data: a message replaces the figure.
    assert "The task draws no figure of these data." in page.info[0].value
    assert "CheckT1 on 0</a> &nbsp;·&nbsp; trace" in html
    assert "<dd>T1</dd>" in html, "a parameter has its title"
    assert list_buttons(page) == []
    assert not page.text_area


def test_an_unknown_issue_is_reported_and_a_missing_one_leads_to_the_list(issue_lab: IssueLab) -> None:
    assert "There is no issue 7" in issue_lab.draw("viewer", "7").warning[0].value
    assert "No issue is selected." in join_texts(issue_lab.draw("viewer", ""))
    for text in ("x", "²"):
        assert "the id of an issue is a number" in issue_lab.draw("viewer", text).warning[0].value


def test_a_comment_is_added_once_although_its_button_is_pressed_twice(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = issue_lab.draw("editor", issue_id)
    page.text_area[0].input("The pump was off.")
    twice = next(one for one in page.button if one.label == "Comment")
    page = twice.click().run()
    assert page.text_area[0].value == ""
    twice.click().run()
    assert [one.text for one in issue_lab.show(issue_id).comments] == ["The pump was off."]


def test_a_picture_replaces_none_that_another_user_attached_since_the_page_was_drawn(
    issue_lab: IssueLab,
) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = issue_lab.draw("editor", issue_id)
    qdash = issue_lab.pages.qdash
    theirs = qdash.get(ISSUE_FILES).add(qdash.access("owner"), issue_id, "image.png", make_picture())
    pasted = [("image.png", make_picture(colour=colour), "image/png") for colour in ("blue", "green")]
    page = page.file_uploader[0].set_value(pasted).run()
    assert not page.exception
    files = issue_lab.show(issue_id).issue.attachments
    assert [one.name for one in files] == ["image-2.png", "image-3.png", "image.png"]
    assert files[-1] == theirs


def test_a_comment_is_added_after_the_page_was_left_in_the_middle_of_another(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = issue_lab.draw("editor", issue_id)
    page.session_state[f"issue.{issue_id}.comment"] = RepeatableRequest(is_done=True)
    page.run()
    page.text_area[0].input("The pump was off.")
    page = press(page, "Comment")
    assert [one.text for one in issue_lab.show(issue_id).comments] == ["The pump was off."]
    assert [one.value for one in page.toast] == ["Comment added"]


def test_a_refused_comment_keeps_its_text(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = issue_lab.draw("editor", issue_id)
    page.text_area[0].input("![p](https://outside.example/p.png)")
    page = press(page, "Comment")
    assert "is neither from a result nor an attached file" in page.error[0].value
    assert page.text_area[0].value == "![p](https://outside.example/p.png)"
    assert not issue_lab.show(issue_id).comments


def test_an_issue_is_closed_with_a_comment_and_reopened(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = issue_lab.draw("editor", issue_id)
    page.text_area[0].input("The pump is on again.")
    page = press(page, "Close")
    view = issue_lab.show(issue_id)
    assert (view.issue.state, view.closing and view.closing.text) == (
        IssueState.CLOSED,
        "The pump is on again.",
    )
    page = press(page, "Reopen")
    assert issue_lab.show(issue_id).issue.state is IssueState.OPEN
    page = press(page, "Start work")
    assert issue_lab.show(issue_id).issue.state is IssueState.IN_PROGRESS
    page = press(page, "Assign to me")
    assert issue_lab.show(issue_id).issue.assignees == ["editor"]
    assert "Assign to me" not in list_buttons(page)


def test_fields_are_edited_and_changes_of_other_fields_stay(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay", labels=["readout"])
    page = press(issue_lab.draw("editor", issue_id), "Edit")
    issues, owner = issue_lab.pages.qdash.get(ISSUES), issue_lab.pages.qdash.access("owner")
    issues.edit(owner, issue_id, body="by the owner")
    issues.comment(owner, issue_id, "meanwhile")
    next(one for one in page.text_input if one.label == "Chip").input("a")
    next(one for one in page.text_input if one.label == "Qubits and couplings").input("1, 0-1")
    page = press(page, "Save")
    assert not page.error
    made = issue_lab.show(issue_id).issue
    assert (made.chip_id, made.targets, made.body) == ("a", ["0-1", "1"], "by the owner")
    assert "Save" not in list_buttons(page)


def test_two_edits_of_one_field_are_a_conflict_that_keeps_the_typed_text(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay", body="first")
    page = press(issue_lab.draw("editor", issue_id), "Edit")
    issue_lab.pages.qdash.get(ISSUES).edit(issue_lab.pages.qdash.access("owner"), issue_id, body="theirs")
    page.text_area[0].input("mine")
    page = press(page, "Save")
    assert "Another user changed the same fields" in page.warning[0].value
    assert "theirs" in join_html(page)
    assert page.text_area[0].value == "mine"
    assert issue_lab.show(issue_id).issue.body == "theirs"
    press(page, "Overwrite with mine")
    assert issue_lab.show(issue_id).issue.body == "mine"
    edits = [one.before for one in issue_lab.list_events(issue_id) if one.before]
    assert edits == [{"body": "first"}, {"body": "theirs"}]


def test_a_refused_edit_keeps_the_form(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    page = press(issue_lab.draw("editor", issue_id), "Edit")
    next(one for one in page.text_input if one.label == "Chip").input("b")
    page = press(page, "Save")
    assert "chip" in page.warning[0].value
    assert next(one for one in page.text_input if one.label == "Chip").value == "b"
    page = press(page, "Cancel")
    assert "Save" not in list_buttons(page)


def test_authors_and_owners_edit_comments_and_confirm_their_removal(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay")
    issues, access = issue_lab.pages.qdash.get(ISSUES), issue_lab.pages.qdash.access
    issues.comment(access("owner"), issue_id, "of the owner")
    assert list_buttons(issue_lab.draw("editor", issue_id)).count("Edit") == 1
    issues.comment(access("editor"), issue_id, "of the editor")
    page = issue_lab.draw("editor", issue_id)
    assert list_buttons(page).count("Remove …") == 1
    page = [one for one in page.button if one.label == "Edit"][-1].click().run()
    assert page.text_area[0].value == "of the editor"
    page.text_area[0].input("corrected")
    page = press(page, "Save")
    assert [one.text for one in issue_lab.show(issue_id).comments] == ["of the owner", "corrected"]
    assert "edited comment 3" in join_html(page)
    page = issue_lab.draw("owner", issue_id)
    assert list_buttons(page).count("Remove …") == 2
    page = press(page, "Remove …")
    assert list_buttons(page)[-2:] == ["Remove", "Go back"]
    assert len(issue_lab.show(issue_id).comments) == 2


def test_the_deletion_by_an_owner_is_confirmed_and_leaves_a_trace(issue_lab: IssueLab) -> None:
    issue_id = issue_lab.open("Q00: no decay", body="a secret")
    assert "Delete …" not in list_buttons(issue_lab.draw("editor", issue_id))
    page = press(issue_lab.draw("owner", issue_id), "Delete …")
    assert list_buttons(page)[-2:] == ["Delete", "Go back"]
    issue_lab.pages.qdash.get(ISSUES).delete(issue_lab.pages.qdash.access("owner"), issue_id)
    page = issue_lab.draw("viewer", issue_id)
    assert "Issue 1 was deleted by owner" in page.warning[0].value
    assert "owner deleted the issue" in join_html(page)
    assert "a secret" not in join_html(page)


def test_texts_of_users_are_shown_as_they_are_written(issue_lab: IssueLab) -> None:
    task_id = issue_lab.record("r1")
    spiteful = SPITEFUL.replace(" ![p](result:x)", "")
    issue_id = issue_lab.open(
        spiteful,
        body=spiteful,
        labels=["<script>alert(4)</script>"],
        task_id=task_id,
        targets=["0"],
        chip_id="a",
    )
    issue_lab.pages.qdash.get(ISSUES).comment(issue_lab.pages.qdash.access("editor"), issue_id, spiteful)
    issue_lab.open(spiteful, task_id=task_id)
    page = issue_lab.draw("viewer", "2")
    html = join_html(page)
    for danger in ("<script", "<img", 'href="javascript'):
        assert danger not in html
        assert danger not in "\n".join(one.value for one in page.markdown if "<style" not in one.value)
    assert r"\<script\>" in page.title[0].value


def test_similar_earlier_issues_are_shown_with_reasons_and_how_they_were_closed(issue_lab: IssueLab) -> None:
    first = issue_lab.open("no decay at all", task_id=issue_lab.record("r1"))
    issue_lab.pages.qdash.get(ISSUES).close(
        issue_lab.pages.qdash.access("owner"), first, comment="The **pump** was off.\n\n![trace](result:r1)"
    )
    page = issue_lab.draw("viewer", issue_lab.open("again", task_id=issue_lab.record("r12")))
    html = join_html(page)
    assert "#1 no decay at all" in html
    assert "same target 0, same task CheckT1, same parameter T1" in html
    assert "The <strong>pump</strong> was off." in html
    assert "[trace]" in html
    assert "No similar earlier issue." in join_texts(issue_lab.draw("viewer", first))
