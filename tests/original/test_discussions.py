"""Import of the original's discussions as laboratory issues."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.issues.fields import IssueNames
from qdash_builtin.issues.query import IssueQuery
from qdash_builtin.issues.service import IssueService
from qdash_core.errors import NotFoundError
from qdash_core.models.access import Access
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole

from .original_sample import sample
from .test_todays_database import reasons, result, run_import

if TYPE_CHECKING:
    from qdash_builtin.issues.view import IssueView
    from qdash_core.repositories.store import Store

    from .original_sample import Documents

OWNER = Access("admin", "lab", ProjectRole.OWNER)
THREAD, REPLY, ISSUE, ANSWER = ("665d9f80" + digit * 16 for digit in "abcd")


def times(hour: int, *, until: int | None = None) -> dict[str, Any]:
    made, changed = (f"2024-06-03T{one:02}:00:00Z" for one in (hour, until or hour))
    return {"created_at": made, "updated_at": changed}


def at(hour: int) -> datetime:
    return datetime(2024, 6, 3, hour, tzinfo=UTC)


def post(username: str, content: str, hour: int, **fields: Any) -> dict[str, Any]:
    """Return a thread of the forum, or a reply if it has a `parent_id`."""
    return {
        "project_id": "lab", "number": None, "category": "bug", "user_id": f"u-{username}", "username": username, "title": None,
        "content": content, "content_blocks": [{"type": "paragraph"}], "labels": [], "assignee_username": None, "status": "open",
        "chip_id": None, "target_type": None, "target_id": None, "cooldown_id": None, "parent_id": None, "is_deleted": False,
        "is_ai_reply": False, "system_info": times(hour),
    } | fields  # fmt: skip


def issue(username: str, content: str, hour: int, **fields: Any) -> dict[str, Any]:
    """Return an issue of the result `task-9`, or a reply."""
    return {
        "project_id": "lab", "task_id": "task-9", "user_id": None, "username": username, "title": None, "content": content,
        "parent_id": None, "is_closed": False, "is_ai_reply": False, "system_info": times(hour),
    } | fields  # fmt: skip


@pytest.fixture
def documents() -> Documents:
    """A thread with a reply, and a closed issue of a result with an answer and a case."""
    return sample() | {
        "task_result_history": [result("task-9", qid="1", cooldown_id="2024-001")],
        "forum_category": [{"project_id": "lab", "key": "bug", "name": "Bug report", "color": "red", "system_info": times(8)}],
        "forum_post": [
            post("bob", "I see it too", 10, _id=REPLY, parent_id=THREAD, number=4, status="identified"),
            post("alice", "T1 of **Q03** is short", 9, _id=THREAD, number=4, title="Short T1", labels=["Measurement"], status="identified",
                 assignee_username="bob", chip_id="64Q", target_type="qubit", target_id="Q03", cooldown_id="2024-001"),
        ],
        "forum_counter": [{"project_id": "lab", "value": 4}],
        "issue": [
            issue("alice", "no decay", 11, _id=ISSUE, title="Flat trace", is_closed=True),
            issue("qdash", "check the readout", 12, _id=ANSWER, parent_id=ISSUE, is_ai_reply=True),
        ],
        "issue_knowledge": [
            {"project_id": "lab", "issue_id": ISSUE, "task_id": "task-9", "task_name": "CheckT1", "status": "approved", "title": "Pump off",
             "severity": "warning", "chip_id": "64Q", "qid": "1", "symptom": "flat", "root_cause": "the pump was off",
             "resolution": "switch it on", "lesson_learned": ["look at the pump", "first"], "reviewed_by": "bob", "system_info": times(14)},
        ],
    }  # fmt: skip


def make_service(store: Store) -> IssueService:
    return IssueService(store, ZoneInfo("UTC"), IssueNames(str, list))


def show(store: Store, number: int) -> IssueView:
    return make_service(store).show(OWNER, str(number))


@pytest.mark.every_store
def test_a_thread_of_the_forum_becomes_an_issue_with_its_number(store: Store, documents: Documents) -> None:
    report = run_import(store, documents)
    found = show(store, 4)
    assert (found.issue.title, found.issue.body, found.issue.username) == (
        "Short T1",
        "T1 of **Q03** is short",
        "alice",
    )
    assert (found.issue.state, found.issue.labels) == (
        "in progress",
        ["bug report", "measurement", "identified"],
    )
    assert (found.issue.assignees, found.issue.chip_id, found.issue.targets) == (["bob"], "64Q", ["3"])
    assert (found.issue.cooldown_id, found.issue.created_at, found.issue.updated_at) == (
        "2024-001",
        at(9),
        at(10),
    )
    assert [(one.username, one.text, one.created_at) for one in found.comments] == [
        ("bob", "I see it too", at(10))
    ]
    assert reasons(report, "forum_post") == reasons(report, "forum_category") == {}


@pytest.mark.every_store
def test_an_issue_of_a_result_gets_its_links_and_the_case_that_explains_it(
    store: Store, documents: Documents
) -> None:
    report = run_import(store, documents)
    found = show(store, 5)
    assert (found.issue.title, found.issue.state, found.issue.task_id, found.issue.task) == (
        "Flat trace", "closed", "task-9", "CheckT1"
    )  # fmt: skip
    assert (found.issue.chip_id, found.issue.targets, found.issue.metrics) == ("64Q", ["1"], ["t1"])
    assert (found.issue.execution_id, found.issue.cooldown_id) == ("20240603-001", "2024-001")
    assert (found.issue.closed_by, found.issue.closed_at) == ("", None)
    answer, case = found.comments
    assert answer.text == "(Written by the assistant of the original.)\n\ncheck the readout"
    assert (case.username, case.created_at) == ("bob", at(14))
    assert case.text.startswith("Case: Pump off\n\n")
    assert "root cause: the pump was off\n\nresolution: switch it on" in case.text
    assert "lesson learned: look at the pump; first" in case.text
    assert found.closing == case
    assert reasons(report, "issue") == reasons(report, "issue_knowledge") == {}
    (similar,) = make_service(store).find_similar_to_result(OWNER, "task-9", limit=1)
    assert (similar.issue.issue_id, similar.closing) == ("5", case)
    page = make_service(store).page(OWNER, IssueQuery(text="pump"), PageRequest())
    assert [one.issue_id for one in page.items] == ["5"]


@pytest.mark.every_store
def test_a_repeated_import_adds_nothing(store: Store, documents: Documents) -> None:
    first, again = run_import(store, documents), run_import(store, documents)
    counts = [
        {name: (one.read, one.imported, one.already_there) for name, one in report.collections.items()}
        for report in (first, again)
    ]
    assert (counts[0]["issue"], counts[0]["issue_event"]) == ((2, 2, 0), (0, 5, 0))
    assert (counts[1]["issue"], counts[1]["issue_event"]) == ((2, 0, 2), (0, 0, 5))
    assert counts[0]["forum_post"][0] == counts[1]["forum_post"][0] == 2
    assert again.left_out == first.left_out


def test_a_repeated_import_adds_new_replies_behind_those_of_today(store: Store, documents: Documents) -> None:
    run_import(store, documents)
    service = make_service(store)
    service.comment(OWNER, "4", "seen here")
    service.edit(OWNER, "4", title="Short T1 of Q03")
    documents["forum_post"].append(post("alice", "gone", 11, _id="665d9f80" + "e" * 16, parent_id=THREAD))
    run_import(store, documents)
    found = show(store, 4)
    assert [(one.username, one.text) for one in found.comments] == [
        ("bob", "I see it too"), ("admin", "seen here"), ("alice", "gone")
    ]  # fmt: skip
    assert (found.issue.title, found.issue.n_comments) == ("Short T1 of Q03", 3)
    assert service.page(OWNER, IssueQuery(text="gone"), PageRequest()).items[0].issue_id == "4"
    service.comment(OWNER, "4", "numbers go on")
    assert [one.number for one in service.list_events(OWNER, "4")] == [1, 2, 3, 4, 5, 6]


def test_deleted_issues_and_removed_comments_do_not_come_back(store: Store, documents: Documents) -> None:
    run_import(store, documents)
    service = make_service(store)
    service.delete(OWNER, "5")
    service.remove_comment(OWNER, "4", show(store, 4).comments[0].number)
    report = run_import(store, documents)
    assert "issue 5, into which it was imported before, was deleted here" in reasons(report, "issue")[""]
    assert show(store, 4).comments == []
    with pytest.raises(NotFoundError):
        show(store, 5)


def test_a_thread_whose_number_is_taken_gets_the_next_one(store: Store, documents: Documents) -> None:
    only = sample()
    run_import(store, only)
    for title in ("one", "two", "three", "four"):
        make_service(store).open(OWNER, title)
    report = run_import(store, documents)
    assert reasons(report, "forum_post")["number"] == "this store has another issue 4: the thread is issue 5"
    assert [show(store, number).issue.title for number in (4, 5, 6)] == ["four", "Short T1", "Flat trace"]


def test_pictures_stay_in_the_original(store: Store, documents: Documents) -> None:
    documents["forum_post"][1]["content"] = (
        "see ![trace](/api/forum/images/a.png) and ![](data:image/png;base64,AAAA) ![x![y](b)](c)"
    )
    report = run_import(store, documents)
    found = show(store, 4)
    assert (
        found.issue.body
        == "see (picture trace /api/forum/images/a.png) and (picture) ![x(picture y b)](c)".replace(
            "![x(picture y b)](c)", "(picture x(picture y b) c)"
        )
    )
    assert found.pictures == []
    assert "pictures stay in the original" in reasons(report, "forum_post")["content"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("![" * 40_000, id="many brackets"),
        pytest.param("![](" * 20_000, marks=pytest.mark.slow, id="many beginnings"),
        pytest.param("![](data:" * 12_000, marks=pytest.mark.slow, id="many beginnings of data"),
        pytest.param(f"![big](data:image/png;base64,{'A' * 2_000_000})", id="a large picture"),
    ],
)
def test_no_text_takes_long_or_keeps_a_picture(store: Store, documents: Documents, content: str) -> None:
    documents["forum_post"][1]["content"] = content
    run_import(store, documents)
    found = show(store, 4)
    assert found.pictures == []
    assert sum(len(one.text) for one in found.comments) + len(found.issue.body) <= len(content) + 12


def test_what_is_left_out_is_said(store: Store, documents: Documents) -> None:
    documents["forum_post"] += [
        post("alice", "old", 9, _id="deleted", title="Old", is_deleted=True),
        post("bob", "to nothing", 9, _id="lost", parent_id="deleted"),
        post(
            "bob",
            "odd",
            9,
            _id="odd",
            title="t" * 300,
            status="asleep",
            labels=["a,b"],
            target_type="qubit",
            target_id="Q1",
        ),
    ]
    documents["issue"] += [issue("bob", "of a lost result", 9, _id="alone", task_id="gone")]
    documents["issue_knowledge"] += [
        {**documents["issue_knowledge"][0], "_id": "draft", "status": "draft"},
        {**documents["issue_knowledge"][0], "_id": "stray", "issue_id": "nothing"},
    ]
    report = run_import(store, documents)
    told = {(one.collection, one.id, one.field): one.why for one in report.left_out}
    assert told["forum_post", "deleted", ""] == "is_deleted: it was deleted in the original"
    assert told["forum_post", "lost", ""] == "the thread 'deleted' was not imported"
    assert told["forum_post", "odd", "status"] == "'asleep' is no status of threads"
    assert told["forum_post", "odd", "title"] == "it is longer than 200 characters, and was cut"
    assert told["forum_post", "odd", "target_id"] == "its chip is missing"
    assert "is not a label" in told["forum_post", "odd", "labels"]
    assert told["issue", "alone", "task_id"] == "there is no result 'gone'"
    assert told["issue_knowledge", "draft", ""] == "status: it is draft: only approved cases are imported"
    assert told["issue_knowledge", "stray", ""] == "the issue 'nothing' was not imported"
    assert report.collections["forum_post"].left_out == 6
    titles = {one.title: one for one in make_service(store).page(OWNER, IssueQuery(), PageRequest()).items}
    assert titles["of a lost result"].task_id == ""
    assert titles["t" * 200].state == "open"


def test_a_text_longer_than_a_comment_is_continued(store: Store, documents: Documents) -> None:
    documents["forum_post"][1]["content"] = "a" * 45_000
    run_import(store, documents)
    found = show(store, 4)
    assert len(found.issue.body) == 20_000
    assert [(one.username, len(one.text)) for one in found.comments] == [
        ("alice", 20_000),
        ("alice", 5_000),
        ("bob", 12),
    ]


def test_a_dry_run_writes_nothing_and_tells_the_same(store: Store, documents: Documents) -> None:
    planned = run_import(store, documents, dry_run=True)
    assert planned.collections["issue"].imported == 2
    page = make_service(store).page(OWNER, IssueQuery(), PageRequest())
    assert page.items == []
    assert run_import(store, documents).left_out == planned.left_out
