"""Value scopes over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator
from qdash_core.models.project import DEFAULT_USER

from ...api.chip_samples import list_all
from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

SCOPES = f"/chips/{CHIP}/value-scopes"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task()], [make_backend_by_chip()], http_host=True)


@pytest.fixture
def measured(host: Host, project: str) -> TaskResultModel:
    """A result in scope `evening`."""
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    return measure(host, project, "evening")


def measure(host: Host, project: str, scope: str) -> TaskResultModel:
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project, scope=scope), host.qdash
    )
    session.initialize()
    result = session.run_task("Measure", "0")
    session.complete()
    return result


def test_an_editor_commits_a_scope(editor: TestClient, viewer: TestClient, measured: TaskResultModel) -> None:
    (listed,) = viewer.get(SCOPES).json()["items"]
    assert (listed["name"], listed["status"], listed["executions"]) == (
        "evening",
        "open",
        [measured.execution_id],
    )
    shown = viewer.get(f"{SCOPES}/evening")
    assert shown.json()["changes"][0]["after"]["task_id"] == measured.task_id
    unchanged = viewer.get(f"{SCOPES}/evening", headers={"if-none-match": shown.headers["etag"]})
    assert unchanged.status_code == 304

    key = {"idempotency-key": "7f1c"}
    commit = f"{SCOPES}/evening/commit"
    answers = [editor.post(commit, json={"reason": "good"}, headers=key) for _ in range(2)]
    assert {one.status_code for one in answers} == {200}, answers[0].text
    assert len({one.json()["event"] for one in answers}) == 1
    assert viewer.get(f"/chips/{CHIP}/qubits/0").json()["values"]["t1"]["value"] == 10.0
    assert editor.post(commit, json={}).status_code == 409

    event = answers[0].json()["event"]
    assert editor.post(f"/value-events/{event}/undo", json={}).status_code == 200
    assert viewer.get(f"{SCOPES}/evening").json()["status"] == "open"
    events = viewer.get(f"/chips/{CHIP}/value-events").json()["items"]
    assert [(one["kind"], one["scope"]) for one in events] == [
        ("undone", "evening"),
        ("committed", "evening"),
    ]


def test_scopes_are_listed_newest_first(
    host: Host, project: str, viewer: TestClient, measured: TaskResultModel
) -> None:
    for scope in ("night", "afternoon"):
        measure(host, project, scope)
    measure(host, project, "evening")
    assert [one["name"] for one in list_all(viewer, SCOPES, limit=1)] == ["afternoon", "night", "evening"]


def test_an_editor_discards_a_scope(editor: TestClient, measured: TaskResultModel) -> None:
    answer = editor.post(f"{SCOPES}/evening/discard", json={"reason": "a test"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["reason"]) == ("discarded", "a test")
    assert editor.post(f"{SCOPES}/evening/commit", json={}).status_code == 409


def test_a_viewer_closes_nothing(viewer: TestClient, measured: TaskResultModel) -> None:
    for action in ("commit", "discard"):
        assert viewer.post(f"{SCOPES}/evening/{action}", json={}).status_code == 403


def test_an_unknown_scope_is_not_found(editor: TestClient, measured: TaskResultModel) -> None:
    assert editor.get(f"{SCOPES}/noon").status_code == 404
    assert editor.get("/chips/other/value-scopes").status_code == 404
    long = editor.post(f"{SCOPES}/evening/commit", json={"reason": "x" * 2001})
    assert long.status_code == 422


@each_case(
    ("scope", "saved", "status"), [("evening", True, 202), ("a/b", True, 422), ("evening", False, 422)]
)
def test_a_run_is_requested_in_a_scope(
    editor: TestClient, measured: TaskResultModel, scope: str, status: int, *, saved: bool
) -> None:
    request = {"chip_id": CHIP, "flow": "Measure", "single": "0", "scope": scope, "saved": saved}
    answer = editor.post("/executions", json=request)
    assert answer.status_code == status, answer.text
    if status == 202:
        execution = editor.get(f"/executions/{answer.json()['execution_id']}").json()
        assert (execution["scope"], execution["request"]["scope"]) == ("evening", "evening")
