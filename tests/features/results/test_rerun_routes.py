"""Reruns of results over HTTP: submitted once for each key, refused with a reason, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import make_backend_by_chip, make_registry, make_task
from ..runs.test_routes import check_refusal, chip, perform, submit

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["chip", "clients", "editor", "host", "project", "viewer"]

pytestmark = pytest.mark.usefixtures("chip")


@pytest.fixture(scope="module")
def registry() -> Registry:
    """A task for any backend, which another one replaces on the chip's backend."""
    tasks = (make_task(), make_task("Other"), make_task("Other", backend="bench"))
    return make_registry(tasks, [make_backend_by_chip()], http_host=True)


@pytest.fixture
def measured(host: Host, project: str, editor: TestClient) -> str:
    """A measured result."""
    run = submit(editor, targets={"qubits": ["0"]})["execution_id"]
    perform(host, project, run)
    found: str = editor.get(f"/executions/{run}/results").json()["items"][0]["task_id"]
    return found


def test_a_result_is_rerun_once_for_each_key_and_compared_with_its_original(
    host: Host, project: str, editor: TestClient, viewer: TestClient, measured: str
) -> None:
    path, key = f"/task-results/{measured}/rerun", {"idempotency-key": "once"}
    first, second = (editor.post(path, json={"scope": "again"}, headers=key) for _ in range(2))
    assert (first.status_code, second.headers["idempotency-replayed"]) == (202, "true")
    run = first.json()["execution_id"]
    assert second.json()["execution_id"] == run
    perform(host, project, run)
    (again,) = viewer.get(f"/executions/{run}/results").json()["items"]
    assert (again["rerun_of"], again["scope"]) == (measured, "again")
    assert viewer.get(f"/task-results/{again['task_id']}").json()["rerun_of"] == measured
    found = viewer.get(f"/task-results/{again['task_id']}/comparison").json()
    assert (found["first"]["task_id"], found["second"]["task_id"]) == (measured, again["task_id"])
    assert (found["outputs"][0]["difference"], found["settings"], found["software_recorded"]) == (
        0.0,
        [],
        [True, True],
    )
    assert found["same_data"]


def test_only_editors_rerun_and_refusals_say_what_to_do(
    editor: TestClient, viewer: TestClient, measured: str
) -> None:
    check_refusal(viewer.post(f"/task-results/{measured}/rerun", json={}), 403)
    check_refusal(editor.post("/task-results/none/rerun", json={}), 404, "there is no result 'none'")
    check_refusal(
        viewer.get(f"/task-results/{measured}/comparison"),
        422,
        "is neither a rerun nor a refit: name the result",
    )


def test_replaced_tasks_are_named_with_plugins_and_tasks(viewer: TestClient, editor: TestClient) -> None:
    sentence = "Other of plugin bench replaces that of plugin bench on backend bench"
    plugins = {one["name"]: one.get("replaces") for one in editor.get("/plugins").json()["items"]}
    assert [one["text"] for one in plugins["bench"] or ()] == [sentence]
    assert plugins["core"] is None
    for query in ({}, {"backend": "bench"}):
        shown = viewer.get("/tasks/Other", params=query).json()
        assert [one["text"] for one in shown["replacements"]] == [sentence]
    listed = {one["name"]: one.get("replacements") for one in viewer.get("/chips/chip/tasks").json()["items"]}
    assert listed["Measure"] is None
    assert [one["text"] for one in listed["Other"] or ()] == [sentence]
