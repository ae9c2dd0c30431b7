"""Laboratory issues over HTTP: from a failed result to the end, by two people, with every kind of refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.models.execution import ExecutionModel
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...api.chip_samples import get_refusal, make_chip
from ...case_tables import each_case
from ...photographs import make_photograph

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

    from ...api.conftest import Host

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def failed(host: Host, editor: TestClient) -> list[str]:
    """Record two failures of T1 on qubit 0 with raw data; return their ids."""
    make_chip(editor)
    repositories, project_id = host.qdash.repositories, host.qdash.access("owner").project_id
    shared: dict[str, Any] = {
        "project_id": project_id,
        "username": "editor",
        "chip_id": "a",
        "execution_id": "e1",
    }
    repositories.of(ExecutionRepository).add(ExecutionModel(**shared, name="bring-up", start_at=NOON))
    for task_id in ("r0", "r1"):
        repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(
                **shared, task_id=task_id, name="CheckT1", qid="0", status=TaskStatus.FAILED, start_at=NOON,
                message="the trace is flat", output_parameter_names=["t1"], raw_data_path=[f"raw/{task_id}.npz"],
            )
        )  # fmt: skip
    return ["r0", "r1"]


def check(answer: Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def list_ids(client: TestClient, **asked: Any) -> list[str]:
    return [one["issue_id"] for one in check(client.get("/issues", params=asked))["items"]]


def test_an_issue_goes_from_a_failed_result_to_its_end_and_is_found_at_the_next_failure(
    editor: TestClient, owner: TestClient, viewer: TestClient, failed: list[str]
) -> None:
    body = {"title": "no decay", "task_id": "r0", "body": "![trace](result:r0)", "assignees": ["owner"]}
    made = check(editor.post("/issues", json=body), 201)
    assert (made["issue_id"], made["chip_id"], made["targets"], made["execution_id"]) == (
        "1",
        "a",
        ["0"],
        "e1",
    )
    assert made["pictures"] == [
        {
            "address": "result:r0", "task_id": "r0", "drawing": "figure", "exists": True, "chip_id": "a",
            "task": "CheckT1", "qid": "0",
        }
    ]  # fmt: skip
    assert check(viewer.get("/chips/a/open-issues")) == {
        "chip_id": "a",
        "issues": [
            {"issue_id": "1", "title": "no decay", "state": "open", "assignees": ["owner"], "targets": ["0"]}
        ],
        "by_target": {"0": ["1"]},
    }
    check(owner.patch("/issues/1", json={"state": "in progress"}))
    check(owner.post("/issues/1/comments", json={"text": "the pump is off"}), 201)
    check(editor.post("/issues/1/labels", json={"add": ["Readout"]}))
    check(editor.post("/issues/1/assignees", json={"add": ["editor"], "remove": ["owner"]}))
    check(owner.post("/issues/1/close", json={"comment": "the pump is on again"}))
    shown = check(viewer.get("/issues/1"))
    assert (shown["state"], shown["closed_by"], shown["labels"]) == ("closed", "owner", ["readout"])
    assert [(one["username"], one["text"]) for one in shown["comments"]] == [
        ("owner", "the pump is off"),
        ("owner", "the pump is on again"),
    ]
    assert shown["closing_comment"] == shown["comments"][1]["number"]
    assert check(viewer.get("/chips/a/open-issues"))["by_target"] == {}

    [similar] = check(viewer.get("/task-results/r1/similar-issues"))["issues"]
    assert (similar["issue"]["issue_id"], similar["closing"]["text"]) == ("1", "the pump is on again")
    assert [one["kind"] for one in similar["reasons"]] == ["target", "task", "metric"]
    check(editor.post("/issues", json={"title": "no decay again", "task_id": "r1"}), 201)
    assert check(viewer.get("/issues/2/similar", params={"most": 1}))["issues"][0]["issue"]["issue_id"] == "1"
    check(editor.post("/issues/1/reopen"))
    kinds = [one["kind"] for one in check(viewer.get("/issues/1/events"))["items"]]
    assert kinds == [
        "opened", "state changed", "commented", "labelled", "assigned", "commented", "state changed",
        "state changed",
    ]  # fmt: skip


def test_issues_are_listed_by_filters_in_pages(
    editor: TestClient, viewer: TestClient, failed: list[str]
) -> None:
    check(editor.post("/issues", json={"title": "no decay", "task_id": "r0", "labels": ["x"]}), 201)
    check(editor.post("/issues", json={"title": "door", "assignees": ["viewer"]}), 201)
    check(editor.post("/issues/1/close"))
    assert list_ids(viewer) == ["1", "2"]
    for asked, found in (
        ({"state": "open"}, ["2"]),
        ({"state": ["open", "closed"]}, ["1", "2"]),
        ({"label": "x"}, ["1"]),
        ({"assignee": "viewer"}, ["2"]),
        ({"user": "editor", "q": "door"}, ["2"]),
        ({"chip_id": "a", "target": "Q0", "task": "CheckT1", "metric": "t1"}, ["1"]),
        ({"task_id": "r0", "execution_id": "e1"}, ["1"]),
        ({"cooldown_id": "cd"}, []),
    ):
        assert list_ids(viewer, **asked) == found, asked
    first = check(viewer.get("/issues", params={"limit": 1}))
    assert list_ids(viewer, limit=1, after=first["next"]) == ["2"]
    for wrong in (
        {"state": "done"},
        {"q": "-"},
        {"target": "x"},
        {"label": "a,b"},
        {"after": "x"},
        {"labels": "x"},
    ):
        assert viewer.get("/issues", params=wrong).status_code == 422, wrong


def test_an_unchanged_issue_is_answered_with_304_and_a_comment_makes_no_edit_stale(
    editor: TestClient, viewer: TestClient
) -> None:
    check(editor.post("/issues", json={"title": "a"}), 201)
    seen = viewer.get("/issues/1").headers["etag"]
    assert viewer.get("/issues/1", headers={"if-none-match": seen}).status_code == 304
    check(editor.post("/issues/1/comments", json={"text": "b"}), 201)
    assert viewer.get("/issues/1", headers={"if-none-match": seen}).status_code == 200
    check(editor.patch("/issues/1", json={"title": "c"}, headers={"if-match": seen}))
    late = editor.patch("/issues/1", json={"title": "d"}, headers={"if-match": seen})
    assert "was changed since it was read" in get_refusal(late, 412)


def test_a_repeated_request_adds_one_issue_and_one_comment(editor: TestClient) -> None:
    for _ in range(2):
        key = {"idempotency-key": "one"}
        assert check(editor.post("/issues", json={"title": "a"}, headers=key), 201)["issue_id"] == "1"
        key = {"idempotency-key": "two"}
        made = check(editor.post("/issues/1/comments", json={"text": "b"}, headers=key), 201)
        assert len(made["comments"]) == 1


def test_comments_are_changed_by_their_author_or_an_owner(editor: TestClient, owner: TestClient) -> None:
    check(owner.post("/issues", json={"title": "a"}), 201)
    check(owner.post("/issues/1/comments", json={"text": "b"}), 201)
    get_refusal(editor.patch("/issues/1/comments/2", json={"text": "c"}), 403)
    get_refusal(editor.delete("/issues/1/comments/2"), 403)
    [edited] = check(owner.patch("/issues/1/comments/2", json={"text": "c"}))["comments"]
    assert (edited["text"], edited["edited_by"]) == ("c", "owner")
    assert check(owner.delete("/issues/1/comments/2"))["comments"] == []
    get_refusal(owner.delete("/issues/1/comments/2"), 404)


def test_only_owners_delete_and_the_trace_stays(
    editor: TestClient, owner: TestClient, viewer: TestClient
) -> None:
    check(editor.post("/issues", json={"title": "secret"}), 201)
    get_refusal(editor.delete("/issues/1"), 403)
    gone = check(owner.delete("/issues/1"))
    assert (gone["number"], gone["kind"], gone["username"]) == (2, "deleted", "owner")
    assert "issue 1 was deleted by owner at" in get_refusal(viewer.get("/issues/1"), 404)
    assert [one["kind"] for one in check(viewer.get("/issues/1/events"))["items"]] == ["opened", "deleted"]
    assert list_ids(viewer) == []


@each_case(
    ("body", "status"),
    [
        ({"title": ""}, 422),
        ({"title": None}, 422),
        ({"title": "a", "state": "closed"}, 422),
        ({"title": "a", "chip_id": "nothing"}, 404),
        ({"title": "a", "assignees": ["nobody"]}, 404),
        ({"title": "a", "body": "![x](https://example.org/x.png)"}, 422),
        ({"title": "a", "labels": "x"}, 422),
        ({"title": "a", "other": 1}, 422),
    ],
)
def test_what_is_not_valid_opens_nothing(editor: TestClient, body: dict[str, Any], status: int) -> None:
    get_refusal(editor.post("/issues", json=body), status)
    assert list_ids(editor) == []


def test_illegal_states_and_unknown_issues_are_refused(editor: TestClient, failed: list[str]) -> None:
    check(editor.post("/issues", json={"title": "a"}), 201)
    get_refusal(editor.post("/issues/1/reopen"), 409)
    for path in ("/issues/7", "/issues/7/similar", "/issues/7/events", "/task-results/r7/similar-issues"):
        get_refusal(editor.get(path), 404)
    get_refusal(editor.get("/chips/b/open-issues"), 404)
    get_refusal(editor.post("/issues/7/comments", json={"text": "x"}), 404)
    get_refusal(editor.get("/issues/x"), 422)


def test_events_of_issues_reach_listeners(editor: TestClient, viewer: TestClient) -> None:
    check(editor.post("/issues", json={"title": "secret", "assignees": ["owner"]}), 201)
    [event] = check(viewer.get("/events/recorded", params={"kind": "issue.*"}))["items"]
    assert (event["kind"], event["data"]) == (
        "issue.opened",
        {"issue_id": "1", "username": "editor", "state": "open", "assignees": ["owner"]},
    )


def test_files_are_attached_shown_and_removed_with_headers_that_run_no_script(
    editor: TestClient, viewer: TestClient
) -> None:
    assert check(editor.post("/issues", json={"title": "Loose cable"}), 201)["n_files"] == 0
    files, photograph = "/issues/1/files", make_photograph()
    made = check(editor.put(f"{files}/left%20side.jpg", content=photograph))
    assert (made["name"], made["media_type"], made["username"]) == ("left side.jpg", "image/jpeg", "editor")
    check(editor.put(f"{files}/data.csv", content=b"a,b\n"))
    assert [one["name"] for one in check(viewer.get(files))["items"]] == ["data.csv", "left side.jpg"]
    shown = check(viewer.get("/issues/1"))
    assert ([one["name"] for one in shown["attachments"]], shown["n_files"]) == (
        ["data.csv", "left side.jpg"],
        2,
    )
    for path, kind, disposition in [
        ("left%20side.jpg", "image/jpeg", 'inline; filename="left_side.jpg"'),
        ("left%20side.jpg/thumbnail", "image/webp", 'inline; filename="left_side.jpg.webp"'),
        ("data.csv", "text/csv; charset=utf-8", 'attachment; filename="data.csv"'),
    ]:
        sent = viewer.get(f"{files}/{path}")
        assert (sent.status_code, sent.headers["content-type"]) == (200, kind)
        assert sent.headers["content-disposition"] == disposition
        assert sent.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in sent.headers["content-security-policy"]
        again = viewer.get(f"{files}/{path}", headers={"if-none-match": sent.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    get_refusal(viewer.get(f"{files}/data.csv/thumbnail"), 404)
    get_refusal(viewer.put(f"{files}/a.jpg", content=photograph), 403)
    get_refusal(viewer.delete(f"{files}/data.csv"), 403)
    get_refusal(editor.put(f"{files}/..%2Fa.jpg", content=photograph), 404)
    assert "is not accepted" in get_refusal(editor.put(f"{files}/a.svg", content=b"<svg/>"), 422)
    get_refusal(editor.put(f"{files}/a.csv", content=bytes(20 * 2**20 + 1)), 413)
    get_refusal(editor.put("/issues/2/files/a.jpg", content=photograph), 404)
    check(editor.delete(f"{files}/data.csv"))
    assert [one["name"] for one in check(viewer.get(files))["items"]] == ["left side.jpg"]
