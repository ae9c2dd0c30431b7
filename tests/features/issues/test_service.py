"""Laboratory issues: opened from a failure, discussed by two people, closed, deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.issues import change as changes
from qdash_builtin.issues import comments, service
from qdash_builtin.issues import view as views
from qdash_builtin.issues.query import IssueQuery
from qdash_builtin.text_pages.user_texts import LONGEST_TEXT
from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
    StaleError,
)
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.executions import EventRepository, ExecutionRepository

from ...access import ADMIN, access_of
from ...core.bench import LINE
from .laboratory import ALICE, BOB, lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from .laboratory import Lab

__all__ = ["lab"]


def list_ids(lab: Lab, **conditions: Any) -> list[str]:
    found = lab.issues.page(ALICE, IssueQuery(**conditions), PageRequest())
    return [issue.issue_id for issue in found.items]


@pytest.mark.every_store
def test_an_issue_goes_from_a_failed_result_to_its_end_with_a_picture_and_two_people(lab: Lab) -> None:
    task_id = lab.record("r0")
    opened = lab.issues.open(
        ALICE,
        " Q00:  no decay ",
        body=f"Flat trace: ![trace](result:{task_id})\n@bob please look",
        task_id=task_id,
        labels=["Readout", "readout", "night  run"],
    ).issue
    assert (opened.issue_id, opened.title, opened.username, opened.state) == (
        "1",
        "Q00: no decay",
        "alice",
        "open",
    )
    assert (opened.chip_id, opened.targets, opened.task, opened.metrics) == ("chip", ["0"], "CheckT1", ["t1"])
    assert (opened.execution_id, opened.cooldown_id) == ("e1", "cd")
    assert opened.labels == ["readout", "night run"]

    lab.clock.forward(hours=1)
    lab.issues.assign(ALICE, "#1", add=["bob"])
    lab.issues.edit(BOB, "1", state="in progress")
    lab.issues.comment(BOB, "1", f"The amplifier was off: ![before](result:{task_id}/thumbnail)")
    closed = lab.issues.close(BOB, "1", comment="The pump is on again.")

    assert closed == lab.issues.show(ALICE, "1")
    assert (closed.issue.state, closed.issue.closed_by, closed.issue.closed_at) == (
        "closed",
        "bob",
        closed.issue.updated_at,
    )
    assert [(one.username, one.text.split(":")[0]) for one in closed.comments] == [
        ("bob", "The amplifier was off"),
        ("bob", "The pump is on again."),
    ]
    assert closed.closing == closed.comments[-1]
    assert [(one.address.text, one.address.drawing) for one in closed.pictures] == [
        ("result:r0", "figure"),
        ("result:r0/thumbnail", "thumbnail"),
    ]
    assert all(one.result is not None and one.result.task_id == task_id for one in closed.pictures)
    assert [(one.number, one.kind, one.username) for one in lab.issues.list_events(ALICE, "1")] == [
        (1, "opened", "alice"),
        (2, "assigned", "alice"),
        (3, "state changed", "bob"),
        (4, "commented", "bob"),
        (5, "commented", "bob"),
        (6, "state changed", "bob"),
    ]
    reopened = lab.issues.reopen(ALICE, "1", comment="It is back.").issue
    assert (reopened.state, reopened.closed_by, reopened.closed_at, reopened.closing_comment) == (
        "open", "", None, None,
    )  # fmt: skip


@pytest.mark.every_store
def test_issues_and_comments_of_people_who_write_at_once_are_all_kept(lab: Lab) -> None:
    def write(number: int) -> None:
        lab.issues.open(ALICE, f"issue {number}")
        lab.issues.comment(BOB, "1", f"comment {number}")
        lab.issues.comment(BOB, "1", "sent several times", key="one")

    lab.issues.open(ALICE, "first")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted(map(int, list_ids(lab))) == list(range(1, 10))
    view = lab.issues.show(ALICE, "1")
    assert {one.text for one in view.comments} == {"sent several times", *(f"comment {n}" for n in range(8))}
    assert view.issue.n_comments == len(view.comments) == 9
    assert [one.number for one in lab.issues.list_events(ALICE, "1")] == list(range(1, 11))


@pytest.mark.every_store
def test_of_several_edits_of_one_version_one_is_accepted(lab: Lab) -> None:
    seen = lab.issues.open(ALICE, "first").issue.updated_at

    def edit(number: int) -> str:
        try:
            return lab.issues.edit(ALICE, "1", title=f"title {number}", as_of=seen).issue.title
        except StaleError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        titles = list(filter(None, pool.map(edit, range(8))))
    assert titles == [lab.issues.show(ALICE, "1").issue.title]


def test_issues_are_numbered_in_their_project_and_numbers_are_not_reused(lab: Lab) -> None:
    assert [lab.issues.open(ALICE, title).issue.issue_id for title in ("a", "b")] == ["1", "2"]
    lab.issues.delete(ADMIN, "2")
    assert lab.issues.open(ALICE, "c").issue.issue_id == "3"
    assert lab.issues.open(access_of("admin", "other"), "d").issue.issue_id == "1"
    with pytest.raises(NotFoundError, match="no issue 4 in project default: its last one is 3"):
        lab.issues.show(ALICE, "4")
    for text in ("", "x", "#", "-1", "0", "1.0", "٣"):
        with pytest.raises(InvalidInputError, match="is not an issue: write its number"):
            lab.issues.show(ALICE, text)


def test_events_keep_former_titles_texts_and_links(lab: Lab) -> None:
    lab.issues.open(ALICE, "no decay", body="flat", chip_id="chip", targets=["Q01"])
    lab.issues.edit(BOB, "1", title="no decay at night", targets=["0", "1-0"], labels=["x"], body="flat")
    found = [(one.kind, one.before, one.after) for one in lab.issues.list_events(ALICE, "1")[1:]]
    assert found == [
        ("edited", {"title": "no decay"}, {"title": "no decay at night"}),
        ("labelled", {"labels": []}, {"labels": ["x"]}),
        ("linked", {"targets": ["1"]}, {"targets": ["0", "0-1"]}),
    ]
    before = lab.issues.show(ALICE, "1")
    assert lab.issues.edit(BOB, "1", title="no decay at night") == before, "nothing differs"


def test_what_is_not_valid_is_refused_and_nothing_is_written(lab: Lab, subtests: pytest.Subtests) -> None:
    lab.record("r0")
    lab.record("no-data", raw_data_path=[])
    before = lab.issues.open(ALICE, "there")
    for fields, error, message in [
        ({"title": " "}, InvalidInputError, "1 to 200 printable characters"),
        ({"title": "x" * 201}, InvalidInputError, "with 201 characters"),
        ({"title": "a\x00b"}, InvalidInputError, "printable"),
        ({"body": "x" * (LONGEST_TEXT + 1)}, InvalidInputError, "description has 20001 characters"),
        (
            {"body": "![x](https://example.org/x.png)"},
            InvalidInputError,
            "neither from a result nor an attached file",
        ),
        ({"body": "![x](result:r0/other)"}, InvalidInputError, "neither from a result nor an attached file"),
        ({"body": "![x](result:r9)"}, NotFoundError, "no result 'r9' with raw data"),
        ({"body": "![x](result:no-data)"}, NotFoundError, "no result 'no-data' with raw data"),
        (
            {"body": "".join(f"![x](result:r{n})" for n in range(21))},
            InvalidInputError,
            "more than 20 pictures",
        ),
        ({"labels": ["a,b"]}, InvalidInputError, "'a,b' is not a label"),
        ({"labels": [f"l{n}" for n in range(21)]}, InvalidInputError, "21 labels are too many"),
        (
            {"assignees": ["bobb"]},
            NotFoundError,
            "'bobb' is not a member of project default; did you mean 'bob'",
        ),
        ({"chip_id": "chop"}, NotFoundError, "no chip 'chop'"),
        ({"targets": ["0"]}, InvalidInputError, "name the chip as well"),
        ({"chip_id": "chip", "targets": ["9"]}, NotFoundError, "chip chip has no qubit 9"),
        ({"chip_id": "chip", "targets": ["0-2"]}, NotFoundError, "chip chip has no coupling 0-2"),
        ({"task_id": "r9"}, NotFoundError, "no result 'r9'"),
        ({"task_id": "r0", "execution_id": "e2"}, InvalidInputError, "of execution e1, not of 'e2'"),
        ({"task_id": "r0", "chip_id": "chop"}, InvalidInputError, "of chip chip, not of 'chop'"),
        ({"execution_id": "e2"}, NotFoundError, "no execution 'e2'"),
        ({"cooldown_id": "cd-9"}, NotFoundError, "no cool-down 'cd-9'"),
        ({"metrics": ["t1_"]}, NotFoundError, "no parameter 't1_'; did you mean 't1'"),
        ({"body": "a\x00b"}, InvalidInputError, r"the character '\\x00' in line 1"),
        ({"body": "log:\n\x1b[31mfailed"}, InvalidInputError, r"the character '\\x1b' in line 2"),
        ({"body": "bad \udcff byte"}, InvalidInputError, r"the character '\\udcff' in line 1"),
        ({"task_id": "r0", "targets": ["9"]}, NotFoundError, "chip chip has no qubit 9"),
        ({"colour": "red"}, InvalidInputError, "colour cannot be changed"),
        ({"task": "CheckT1"}, InvalidInputError, "task cannot be changed"),
    ]:
        with subtests.test(str(fields)):
            with pytest.raises(error, match=message):
                lab.issues.edit(ALICE, "1", **fields)
            with pytest.raises(error, match=message):
                lab.issues.open(ALICE, **{"title": "another", **fields})
            assert lab.issues.show(ALICE, "1") == before
            assert list_ids(lab) == ["1"]


def test_links_that_are_given_stay_and_an_execution_fills_chip_and_cooldown(lab: Lab) -> None:
    lab.record("r0")
    given = lab.issues.open(ALICE, "a", task_id="r0", targets=["1", "2"], metrics=["t2_echo"]).issue
    assert (given.targets, given.metrics) == (["1", "2"], ["t2_echo"])
    filled = lab.issues.open(ALICE, "b", execution_id="e1").issue
    assert (filled.chip_id, filled.targets, filled.cooldown_id) == ("chip", [], "cd")
    cleared = lab.issues.edit(ALICE, "1", task_id="", targets=[], metrics=[]).issue
    assert (cleared.task_id, cleared.task, cleared.targets, cleared.metrics) == ("", "", [], [])
    assert cleared.execution_id == "e1"


def test_links_do_not_contradict_each_other(lab: Lab) -> None:
    lab.record("r0")
    lab.chips.create(ADMIN, "other", LINE, backend="bench")
    for execution_id, chip_id in (("e2", "chip"), ("e3", "other")):
        lab.repositories.of(ExecutionRepository).add(
            ExecutionModel(
                project_id="default", username="alice", name="check", execution_id=execution_id, chip_id=chip_id,
                start_at=lab.clock.now,
            )
        )  # fmt: skip
    lab.issues.open(ALICE, "a", task_id="r0")
    for contradiction, message in (
        ({"execution_id": "e2"}, "result r0 is of execution e1, not of 'e2': change both links together, or clear one"),
        ({"chip_id": "other"}, "result r0 is of chip chip, not of 'other'"),
        ({"task_id": "", "execution_id": "e3"}, "execution e3 is of chip other, not of 'chip'"),
    ):  # fmt: skip
        with pytest.raises(InvalidInputError, match=message):
            lab.issues.edit(ALICE, "1", **contradiction)
    moved = lab.issues.edit(ALICE, "1", task_id="", execution_id="", chip_id="other").issue
    assert (moved.chip_id, moved.targets) == ("other", ["0"])
    with pytest.raises(InvalidInputError, match="execution e2 is of chip chip, not of 'other'"):
        lab.issues.edit(ALICE, "1", execution_id="e2")


def test_a_new_result_brings_its_execution_and_cooldown(lab: Lab) -> None:
    lab.record("r0")
    lab.record("r1", execution_id="e2", cooldown_id="cd2", name="CheckRabi")
    lab.issues.open(ALICE, "a", task_id="r0")
    changed = lab.issues.edit(ALICE, "1", task_id="r1").issue
    assert (changed.task, changed.execution_id, changed.cooldown_id) == ("CheckRabi", "e2", "cd2")
    assert (changed.targets, changed.metrics) == (["0"], ["t1"]), "these stay"


def test_links_of_a_result_that_is_gone_can_be_changed(lab: Lab) -> None:
    lab.record("r0")
    lab.issues.open(ALICE, "a", task_id="r0")
    with lab.store.transaction() as transaction:
        transaction.delete("task_result_history", {"project_id": "default", "task_id": "r0"})
    changed = lab.issues.edit(ALICE, "1", targets=["1"]).issue
    assert (changed.targets, changed.task_id, changed.task) == (["1"], "r0", "CheckT1")


def test_a_state_follows_another_legal_one_only(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    with pytest.raises(InvalidInputError, match="state cannot be 'done'"):
        lab.issues.edit(ALICE, "1", state="done")
    with pytest.raises(IllegalTransitionError, match="issue 1 is open, and can become in progress or closed"):
        lab.issues.reopen(ALICE, "1")
    lab.issues.close(ALICE, "1")
    with pytest.raises(IllegalTransitionError, match="issue 1 is closed, and can become open"):
        lab.issues.close(BOB, "1", comment="too late")
    assert lab.issues.show(ALICE, "1").comments == []
    with pytest.raises(IllegalTransitionError):
        lab.issues.edit(ALICE, "1", state="in progress")
    assert lab.issues.edit(ALICE, "1", state="open").issue.closed_at is None


def test_an_edit_of_an_older_version_is_refused_unless_only_comments_came_since(lab: Lab) -> None:
    seen = lab.issues.open(ALICE, "a").issue.updated_at
    lab.issues.comment(BOB, "1", "meanwhile")
    lab.issues.edit_comment(BOB, "1", 2, "meanwhile, again")
    edited = lab.issues.edit(ALICE, "1", title="b", as_of=seen).issue.updated_at
    lab.issues.comment(BOB, "1", "too late?")
    for change in (lab.issues.edit, lab.issues.close):
        for unknown in (seen, edited + timedelta(microseconds=1), edited + timedelta(days=1)):
            if unknown != lab.issues.show(ALICE, "1").issue.updated_at:
                with pytest.raises(StaleError, match="issue 1 was changed since it was read"):
                    change(ALICE, "1", as_of=unknown)
    assert lab.issues.close(ALICE, "1", as_of=edited, comment="no").issue.n_comments == 3
    with pytest.raises(StaleError):
        lab.issues.reopen(BOB, "1", as_of=edited)


def test_events_have_the_times_of_their_versions_whatever_the_clock_says(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    lab.issues.comment(BOB, "1", "b")
    lab.clock.forward(hours=-1)
    view = lab.issues.close(ALICE, "1", comment="c")
    times = [event.created_at for event in lab.issues.list_events(ALICE, "1")]
    assert times == sorted(times)
    assert times[-1] == view.issue.updated_at == view.issue.closed_at


def test_a_repeated_request_opens_one_issue_and_adds_one_comment(lab: Lab) -> None:
    for _ in range(2):
        made = lab.issues.open(ALICE, "a", labels=["x"], key="k1")
        assert made.issue.issue_id == "1"
        assert len(lab.issues.comment(ALICE, "1", "same", key="k2").comments) == 1
    with pytest.raises(ConflictError, match="stands for another request, which became issue 1"):
        lab.issues.comment(ALICE, "1", "other", key="k2")
    assert len(lab.issues.comment(BOB, "1", "same", key="k2").comments) == 2


def test_a_comment_is_edited_and_removed_by_its_author_or_an_owner(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    lab.issues.comment(ALICE, "1", "secrret")
    for change in (
        lambda: lab.issues.edit_comment(BOB, "1", 2, "mine"),
        lambda: lab.issues.remove_comment(BOB, "1", 2),
    ):
        with pytest.raises(AccessDeniedError, match="comment 2 is by alice"):
            change()
    lab.clock.forward(minutes=1)
    [comment] = lab.issues.edit_comment(ALICE, "1", 2, "secret word").comments
    assert (comment.text, comment.edited_by, comment.edited_at) == ("secret word", "alice", lab.clock.now)
    assert [one.text for one in lab.issues.list_events(BOB, "1")] == ["", "secrret", "secret word"]
    assert list_ids(lab, text="secret") == ["1"]
    assert lab.issues.remove_comment(ADMIN, "1", 2).comments == []
    assert [(one.kind, one.username, one.text) for one in lab.issues.list_events(BOB, "1")][1:] == [
        ("commented", "alice", ""),
        ("comment edited", "alice", ""),
        ("comment removed", "admin", ""),
    ]
    assert list_ids(lab, text="secret") == []
    with pytest.raises(NotFoundError, match="issue 1 has no comment 2"):
        lab.issues.edit_comment(ALICE, "1", 2, "again")


def test_a_closing_comment_that_is_removed_closes_no_more(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    lab.issues.close(ALICE, "1", comment="solved")
    view = lab.issues.remove_comment(ALICE, "1", 2)
    assert (view.issue.state, view.closing) == ("closed", None)


def test_an_empty_comment_and_one_too_many_are_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.issues.open(ALICE, "a")
    for empty in (" \n", "\u200b", "\ufeff \u2060"):
        with pytest.raises(InvalidInputError, match="the comment is empty"):
            lab.issues.comment(ALICE, "1", empty)
    monkeypatch.setattr(comments, "MOST_COMMENTS", 1)
    lab.issues.comment(ALICE, "1", "first")
    with pytest.raises(ConflictError, match="has 1 comments, which is the limit"):
        lab.issues.comment(ALICE, "1", "second")


def test_an_issue_with_too_many_events_can_be_closed_and_deleted_only(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.issues.open(ALICE, "a")
    lab.issues.comment(ALICE, "1", "b")
    monkeypatch.setattr(changes, "MOST_EVENTS", 2)
    for change in (
        lambda: lab.issues.edit(ALICE, "1", title="b"),
        lambda: lab.issues.comment(ALICE, "1", "c"),
        lambda: lab.issues.edit_comment(ALICE, "1", 2, "c"),
    ):
        with pytest.raises(ConflictError, match="issue 1 has 2 events, which is the limit: close it"):
            change()
    assert lab.issues.remove_comment(ALICE, "1", 2).comments == []
    assert lab.issues.close(ALICE, "1").issue.state == "closed"
    assert lab.issues.delete(ADMIN, "1").number == 5


def test_words_of_the_title_and_the_newest_comments_are_found_in_a_very_long_issue(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comment writes all search terms of its issue again, so that these are limited."""
    monkeypatch.setattr(views, "_MOST_TERMS", 6)
    lab.issues.open(ALICE, "pump", body="oil leak", labels=["cryo"])
    lab.issues.comment(ALICE, "1", "first second third")
    lab.issues.comment(ALICE, "1", "newest")
    assert [list_ids(lab, text=word) for word in ("pump", "leak", "cryo", "newest", "third")] == [
        ["1"], ["1"], ["1"], ["1"], [],
    ]  # fmt: skip


@pytest.mark.every_store
def test_a_deleted_issue_leaves_a_trace_without_texts(lab: Lab) -> None:
    lab.issues.open(ALICE, "confidential", body="confidential", labels=["confidential"])
    lab.issues.comment(BOB, "1", "confidential")
    lab.issues.edit(BOB, "1", title="still confidential")
    with pytest.raises(AccessDeniedError, match="this takes owner"):
        lab.issues.delete(ALICE, "1")
    lab.clock.forward(days=1)
    gone = lab.issues.delete(ADMIN, "1")
    assert (gone.kind, gone.username, gone.created_at) == ("deleted", "admin", lab.clock.now)
    assert list_ids(lab) == []
    for ask in (lab.issues.show, lab.issues.delete, lab.issues.close):
        with pytest.raises(
            NotFoundError, match=r"issue 1 was deleted by admin at 2026-04-02 12:00:00\+00:00"
        ):
            ask(ADMIN, "1")
    assert [(one.kind, one.username) for one in lab.issues.list_events(ALICE, "1")] == [
        ("opened", "alice"),
        ("commented", "bob"),
        ("edited", "bob"),
        ("deleted", "admin"),
    ]
    with lab.store.read() as snapshot:
        for name in ("issue", "issue_event", "event"):
            assert "confidential" not in str(snapshot.find(name, {}))


@pytest.mark.every_store
def test_issues_are_found_by_all_their_properties(lab: Lab) -> None:
    lab.record("r0")
    lab.record("r1", "0-1", name="CheckZZ", output_parameter_names=["zz"])
    lab.issues.open(ALICE, "Q00: no decay", task_id="r0", labels=["readout", "night"], assignees=["bob"])
    lab.clock.forward(hours=1)
    lab.issues.open(BOB, "coupling drifts", task_id="r1", body="冷凍機の温度")
    lab.clock.forward(hours=1)
    lab.issues.open(BOB, "door is open")
    lab.clock.forward(hours=1)
    lab.issues.close(BOB, "2", comment="retuned the coupler")
    assert list_ids(lab) == ["2", "3", "1"], "newest activity first"
    for conditions, found in (
        ({"states": ["open"]}, ["3", "1"]),
        ({"states": ["closed", "in progress"]}, ["2"]),
        ({"labels": ["Readout", "night"]}, ["1"]),
        ({"labels": ["readout", "day"]}, []),
        ({"assignee": "bob"}, ["1"]),
        ({"author": "bob"}, ["2", "3"]),
        ({"chip_id": "chip"}, ["2", "1"]),
        ({"target": "Q00"}, ["1"]),
        ({"target": "1-0"}, ["2"]),
        ({"task": "T1"}, ["1"]),
        ({"metric": "zz"}, ["2"]),
        ({"task_id": "r0"}, ["1"]),
        ({"execution_id": "e1"}, ["2", "1"]),
        ({"cooldown_id": "cd", "states": ["open"]}, ["1"]),
        ({"text": "Decay"}, ["1"]),
        ({"text": "coupler drifts"}, ["2"]),
        ({"text": "温度"}, ["2"]),
        ({"text": "night"}, ["1"]),
        ({"text": "door coupler"}, []),
    ):
        assert list_ids(lab, **conditions) == found, conditions
    for wrong in ({"states": ["done"]}, {"text": "-"}, {"text": " ".join("abcdefghijk")}, {"target": "x"}):
        with pytest.raises(InvalidInputError):
            list_ids(lab, **wrong)
    first = lab.issues.page(ALICE, IssueQuery(), PageRequest(2))
    rest = lab.issues.page(ALICE, IssueQuery(), PageRequest(2, first.next))
    assert ([one.issue_id for one in first.items], [one.issue_id for one in rest.items]) == (
        ["2", "3"],
        ["1"],
    )


def test_open_issues_of_a_chip_are_listed_for_its_map(lab: Lab) -> None:
    lab.issues.open(ALICE, "a", chip_id="chip", targets=["0", "0-1"])
    lab.issues.open(ALICE, "b", chip_id="chip")
    lab.issues.open(ALICE, "c", chip_id="chip", targets=["2"])
    lab.issues.open(ALICE, "elsewhere")
    lab.issues.close(ALICE, "3")
    assert {one.issue_id for one in lab.issues.list_open_by_chip(ALICE, "chip")} == {"1", "2"}
    with pytest.raises(NotFoundError, match="no chip 'chop'"):
        lab.issues.list_open_by_chip(ALICE, "chop")


def test_issues_outlive_their_chip_and_the_membership_of_an_assignee(lab: Lab) -> None:
    lab.record("r0")
    before = lab.issues.open(ALICE, "a", task_id="r0", assignees=["bob"]).issue
    assert lab.chips.describe_deletion(ADMIN, "chip").kept["issue"] == 1
    lab.chips.delete(ADMIN, "chip", force=True)
    lab.members.revoke(ADMIN, "bob")
    assert lab.issues.show(ALICE, "1").issue == before
    assert list_ids(lab, chip_id="chip") == ["1"]
    changed = lab.issues.edit(ALICE, "1", title="b", assignees=["bob", "alice"]).issue
    assert (changed.chip_id, changed.targets, changed.assignees) == ("chip", ["0"], ["bob", "alice"])
    lab.issues.assign(ALICE, "1", remove=["bob"])
    with pytest.raises(NotFoundError, match="'bob' is not a member"):
        lab.issues.assign(ALICE, "1", add=["bob"])
    with pytest.raises(NotFoundError, match="no chip 'chip'"):
        lab.issues.edit(ALICE, "1", targets=["1"])


def test_listeners_receive_events_without_texts_and_notifiers_with_them(lab: Lab) -> None:
    lab.issues.open(ALICE, "no decay", body="@bob, @alice. and @nobody, mail@bob", assignees=["bob"])
    lab.issues.comment(BOB, "1", "the pump")
    lab.issues.label(BOB, "1", add=["x"])
    lab.issues.close(BOB, "1", comment="solved")
    lab.issues.reopen(BOB, "1")
    lab.issues.delete(ADMIN, "1")
    recorded = [
        one
        for one in lab.repositories.of(EventRepository).list_since("default", 0)
        if one.kind.startswith("issue.")
    ]
    kinds = [f"issue.{what}" for what in ("opened", "commented", "changed", "closed", "reopened", "deleted")]
    assert [one.kind for one in recorded] == [one.kind for one in lab.announced] == kinds
    assert recorded[0].data == {
        "issue_id": "1", "username": "alice", "state": "open", "assignees": ["bob"], "mentioned": ["alice", "bob"],
    }  # fmt: skip
    told = [(one.data.get("title"), one.data.get("message")) for one in lab.announced]
    assert told[1:4] == [("no decay", "the pump"), ("no decay", ""), ("no decay", "solved")]


def test_a_long_text_is_cut_in_the_notice(lab: Lab) -> None:
    lab.issues.open(ALICE, "a", body="x" * LONGEST_TEXT)
    assert lab.announced[0].data["message"] == "x" * service.LONGEST_EXCERPT + "..."


def test_a_change_that_fails_is_not_announced(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    lab.announced.clear()
    with pytest.raises(NotFoundError):
        lab.issues.close(ALICE, "1", comment="![x](result:none)")
    assert lab.announced == []
    assert lab.issues.show(ALICE, "1").issue.state == "open"


@pytest.mark.parametrize(
    "change",
    [
        lambda issues, access: issues.assign(access, "1"),
        lambda issues, access: issues.label(access, "1", remove=["x"]),
    ],
)
def test_a_list_is_changed_by_members_that_it_has(lab: Lab, change: Callable[..., object]) -> None:
    lab.issues.open(ALICE, "a")
    with pytest.raises(InvalidInputError, match=r"nothing to change|has no 'x' among its labels \(none\)"):
        change(lab.issues, ALICE)


def test_a_viewer_reads_only(lab: Lab) -> None:
    lab.issues.open(ALICE, "a")
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    assert lab.issues.show(viewer, "1").issue.title == "a"
    for change in (
        lambda: lab.issues.open(viewer, "b"),
        lambda: lab.issues.comment(viewer, "1", "b"),
        lambda: lab.issues.close(viewer, "1"),
    ):
        with pytest.raises(AccessDeniedError, match="this takes editor"):
            change()
