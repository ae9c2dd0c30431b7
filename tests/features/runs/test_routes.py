"""Runs over HTTP: requested, listed, shown, reordered, resumed and cancelled. The host performs none."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.people.repositories.audit import AuditRepository
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import CalibConfig, CalibOrchestrator, LockedError
from qdash_core.models.pages import PageRequest
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.request import RunRequest
from qdash_core.repositories.repositories import Repositories

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_raising, make_registry, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

MEASURE = {"flow": "Measure", "chip_id": CHIP, "targets": {"qubits": ["0", "1"]}}


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Tasks of the bench, which need no laboratory."""
    tasks = (
        make_task(),
        make_task("Broken", measure=make_raising(OSError("cable"))),
        make_task("Needy", needs=("t2",)),
    )
    return make_registry(tasks, [make_backend_by_chip()], http_host=True)


@pytest.fixture
def chip(host: Host, project: str) -> str:
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench", controls={"2-3": "3"})
    return CHIP


pytestmark = pytest.mark.usefixtures("chip")


def perform(host: Host, project: str, execution_id: str) -> None:
    """Perform a run like a worker's process."""
    host.qdash.get(RUNS).perform(project, execution_id, SilentProgress(), alone=False)
    host.qdash.get(RUNS).queue.conclude(project, execution_id, died=False)


def submit(client: TestClient, **request: Any) -> dict[str, Any]:
    answer = client.post("/executions", json={**MEASURE, **request})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def start_run(host: Host, project: str) -> Iterator[str]:
    """Yield a running execution, as if performed by another process."""
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project), host.qdash
    )
    session.initialize()
    yield session.execution.execution_id
    with suppress(LockedError):  # its lock may have been taken away
        session.cancel()


def check_refusal(answer: Response, status: int, *said: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), problem
    assert answer.headers["content-type"] == "application/problem+json"
    for text in said:
        assert text in problem["detail"]


def test_a_run_is_submitted_and_performed_by_a_worker(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    answer = submit(editor, tags=["day"])
    run = answer["execution_id"]
    assert (answer["status"], answer["workers"]) == ("scheduled", 0)
    assert "no worker is running" in answer["advice"]
    assert viewer.get(f"/executions/{run}/header").json()["status"] == "scheduled"
    on_chip = viewer.get(f"/chips/{CHIP}/runs").json()
    assert [one["execution_id"] for one in on_chip["waiting"]] == [run]

    perform(host, project, run)
    shown = viewer.get(f"/executions/{answer['flow_run_id']}").json()
    assert (shown["execution_id"], shown["status"], shown["username"]) == (run, "completed", "editor")
    assert (shown["tasks"], shown["stages"][0]["tasks"]) == ({"completed": 2}, ["Measure"])
    assert (shown["request"]["flow"], shown["request"]["tags"]) == (MEASURE["flow"], ["day"])
    results = viewer.get(f"/executions/{run}/results").json()["items"]
    assert sorted(one["qid"] for one in results) == ["0", "1"]
    said = viewer.get(f"/executions/{run}/log").json()["items"]
    assert f"execution {run} begins" in said[0]["text"]
    since = said[-1]["seq"]
    assert viewer.get(f"/executions/{run}/log", params={"since": since}).json() == {"items": []}


def test_an_unchanged_execution_is_answered_with_304(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    run = submit(editor)["execution_id"]
    paths = f"/executions/{run}", f"/executions/{run}/timeline"
    before = {path: {"if-none-match": viewer.get(path).headers["etag"]} for path in paths}
    for path in paths:
        assert viewer.get(path, headers=before[path]).status_code == 304
    perform(host, project, run)
    shown, timeline = (viewer.get(path, headers=before[path]).json() for path in paths)
    assert shown["status"] == "completed"
    assert {one["target"] for one in timeline["spans"]} == {"0", "1"}
    first, *later = timeline["spans"]
    rest = viewer.get(paths[1], params={"after_s": first["lab_start_s"]}).json()
    assert rest["spans"] == [one for one in later if one["lab_start_s"] > first["lab_start_s"]]
    assert (rest["stages"], "next_s" in rest) == (timeline["stages"], False)
    assert timeline["resources"].keys() == {"0", "1"}


def test_a_repeated_request_with_one_key_submits_one_run(editor: TestClient, viewer: TestClient) -> None:
    key = {"idempotency-key": "8d3c1c8e"}
    first, again = (editor.post("/executions", json=MEASURE, headers=key) for _ in range(2))
    assert first.json()["execution_id"] == again.json()["execution_id"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = editor.post("/executions", json={**MEASURE, "tags": ["x"]}, headers=key)
    check_refusal(other, 409, "stands for another request")
    assert len(viewer.get("/executions").json()["items"]) == 1


def test_executions_are_listed_by_page_and_kind(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    runs = [submit(editor, tags=[str(number)])["execution_id"] for number in range(3)]
    perform(host, project, runs[0])
    first = viewer.get("/executions", params={"limit": 2}).json()
    rest = viewer.get("/executions", params={"limit": 2, "after": first["next"]}).json()
    assert {one["execution_id"] for one in (*first["items"], *rest["items"])} == set(runs)
    assert "next" not in rest
    chosen = viewer.get("/executions", params={"status": ["completed", "failed"], "chip_id": CHIP}).json()
    assert [one["execution_id"] for one in chosen["items"]] == [runs[0]]
    assert [one["tags"] for one in viewer.get("/executions?tag=1").json()["items"]] == [["1"]]
    began = viewer.get(f"/executions/{runs[0]}").json()["start_at"]
    for asked, found in (
        ({"user": "editor"}, set(runs)),
        ({"user": "nobody"}, set()),
        ({"since": began}, {runs[0]}),
        ({"until": began}, set()),
    ):
        listed = viewer.get("/executions", params=asked).json()["items"]
        assert {one["execution_id"] for one in listed} == found
    check_refusal(viewer.get("/executions?status=asleep"), 422)
    check_refusal(viewer.get("/executions?after=nonsense"), 422, "is not the `next`")
    check_refusal(viewer.get("/executions?chip_id=nowhere"), 404)
    check_refusal(viewer.get("/executions/20000101-000"), 404, "no execution")


def test_a_queued_run_is_cancelled_at_once_and_a_running_one_is_requested_to_end(
    host: Host, project: str, editor: TestClient
) -> None:
    waiting = submit(editor)
    rerun = editor.post(f"/executions/{waiting['execution_id']}/rerun")
    check_refusal(rerun, 409, "is scheduled: wait for its end, or cancel it first")
    ended = editor.post(f"/executions/{waiting['flow_run_id']}/cancel")
    assert (ended.status_code, ended.json()["status"]) == (202, "cancelled")
    check_refusal(editor.post(f"/executions/{waiting['execution_id']}/cancel"), 409, "nothing to cancel")

    with start_run(host, project) as execution_id:
        told = editor.post(f"/executions/{execution_id}/cancel")
        assert (told.status_code, told.json()["status"]) == (202, "running")
        assert told.json() == editor.get(f"/executions/{execution_id}/header").json(), "its counts, too"
        found = host.qdash.record.find(project, execution_id)
        assert found.cancel_request is not None
        assert found.cancel_request.username == "editor"
        locks = editor.get("/locks").json()
        assert (locks["locked"], locks["leases"][0]["execution_id"]) == (True, execution_id)
        check_refusal(editor.post("/executions", params={"wait": False}, json=MEASURE), 423, "in use")


def test_a_failed_execution_is_resumed_or_rerun(host: Host, project: str, editor: TestClient) -> None:
    run = submit(editor, flow="Broken", targets={"qubits": ["0"]})["execution_id"]
    perform(host, project, run)
    again = editor.post(f"/executions/{run}/rerun", headers={"idempotency-key": "r"}).json()
    assert again["execution_id"] != run
    assert editor.post(f"/executions/{run}/rerun", headers={"idempotency-key": "r"}).json()["replayed"]
    resumed = editor.post(f"/executions/{run}/resume")
    assert (resumed.status_code, resumed.json()["execution_id"]) == (202, run)
    check_refusal(editor.post(f"/executions/{run}/resume"), 422, "in the queue already")
    assert [one["resume"] for one in editor.get("/queue").json()["items"]] == [False, True]
    assert editor.get("/executions/interrupted").json() == {"items": []}


@pytest.mark.parametrize("action", ["resume", "rerun"])
def test_a_run_of_a_file_is_not_repeated_over_a_network(
    host: Host, project: str, editor: TestClient, tmp_path: Path, action: str
) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def mine(chip_id): ...\n")
    access = host.qdash.access(DEFAULT_USER, project)
    at_home = host.qdash.get(RUNS).submissions.submit(access, RunRequest(flow=str(file), chip_id=CHIP))
    assert editor.post(f"/executions/{at_home.execution_id}/cancel").status_code == 202
    refused = editor.post(f"/executions/{at_home.execution_id}/{action}")
    check_refusal(refused, 422, "mine.py", "`qdash executions resume")
    assert editor.get("/queue").json()["items"] == []


def test_strategies_are_listed_and_those_of_a_request_are_in_its_plan(viewer: TestClient) -> None:
    listed = {one["name"]: one for one in viewer.get("/strategies").json()["items"]}
    assert (listed["serial"]["kind"], listed["best"]["kind"]) == ("qubit", "coupling")
    assert [name for name, one in listed.items() if one["default"]] == ["best", "uncoupled"]
    assert all(one["description"] for one in listed.values())

    (stage,) = viewer.post("/plans", json=MEASURE | {"scheduling": {"strategies": ["serial"]}}).json()[
        "stages"
    ]
    assert stage["strategy"] == "serial"
    refused = viewer.post("/plans", json=MEASURE | {"scheduling": {"strategies": ["luck"]}})
    assert refused.status_code == 404
    assert "no scheduling strategy 'luck'" in refused.text


def test_a_preview_writes_nothing(editor: TestClient, viewer: TestClient) -> None:
    plan = viewer.post("/plans", json=MEASURE).json()
    assert (plan["targets"], plan["tasks"]) == (["0", "1"], ["Measure"])
    check_refusal(editor.post("/executions", json={**MEASURE, "flow": "Needy"}), 424, "t2")
    for path in ("/plans", "/executions"):
        check_refusal(
            editor.post(path, json={**MEASURE, "flow": "Unknown"}), 404, "no flow or task 'Unknown'"
        )
        check_refusal(editor.post(path, json={**MEASURE, "flow": "/etc/flow.py"}), 422, "names a file")
        check_refusal(editor.post(path, json={**MEASURE, "username": "owner"}), 403, "is one of 'owner'")
        check_refusal(editor.post(path, json={**MEASURE, "colour": "red"}), 422, "colour")
        bad = '{"flow": "Measure", "run_parameters": {"x": NaN}}'
        check_refusal(editor.post(path, content=bad, headers={"content-type": "application/json"}), 422)
    assert editor.get("/executions").json() == {"items": []}
    groups = viewer.get(
        f"/chips/{CHIP}/schedule", params={"kind": "qubit", "target": ["0", "Q1"], "flow": "Measure"}
    )
    assert sorted(one for group in groups.json()["groups"] for one in group) == ["0", "1"]
    assert len(groups.json()["group_durations_s"]) == len(groups.json()["groups"])
    assert groups.json()["resources"].keys() == {"0", "1"}


def test_the_inputs_of_a_task_are_shown_and_a_request_replaces_them(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    path = f"/chips/{CHIP}/tasks/Needy/inputs"
    shown = viewer.get(path, params={"target": ["0", "Q1"]}).json()
    assert shown["targets"].keys() == {"0", "1"}
    (missing,) = shown["targets"]["0"]
    assert (missing["name"], missing["target"], missing["required"]) == ("t2", "0", True)
    assert "value" not in missing
    check_refusal(viewer.get(path, params={"target": "99"}), 404, "no qubit '99'")
    needy = {"flow": "Needy", "targets": {"qubits": ["0"]}}
    check_refusal(editor.post("/executions", json={**MEASURE, **needy}), 424, "has no accepted value")
    check_refusal(viewer.post("/executions", json={**MEASURE, **needy, "inputs": {"t2": {"value": 5}}}), 403)
    run = submit(editor, **needy, inputs={"t2": {"value": 5.0}})["execution_id"]
    perform(host, project, run)
    (result,) = viewer.get(f"/executions/{run}/results").json()["items"]
    used = viewer.get(f"/task-results/{result['task_id']}").json()["input_parameters"]["t2"]
    assert (used["value"], used["from_user"]) == (5.0, True)


def test_a_queue_entry_is_changed_only_in_the_version_that_was_read(
    editor: TestClient, viewer: TestClient
) -> None:
    first, second = (submit(editor)["execution_id"] for _ in range(2))
    read = viewer.get(f"/queue/{second}")
    etag = {"if-match": read.headers["etag"]}
    again = viewer.get(f"/queue/{second}", headers={"if-none-match": read.headers["etag"]})
    assert again.status_code == 200, "what it waits for hangs on others"
    moved = editor.patch(f"/queue/{second}", json={"first": True}, headers=etag)
    assert moved.status_code == 200
    assert [one["execution_id"] for one in viewer.get("/queue").json()["items"]] == [second, first]
    check_refusal(
        editor.patch(f"/queue/{second}", json={"held": True}, headers=etag),
        412,
        "was changed since it was read",
    )
    held = editor.patch(f"/queue/{second}", json={"held": True}, headers={"if-match": moved.headers["etag"]})
    assert (held.json()["state"], held.json()["reason"]) == ("held", "held by editor")
    assert editor.patch(f"/queue/{second}", json={"held": False}).json()["state"] == "waiting"
    check_refusal(editor.patch(f"/queue/{second}", json={"held": False, "last": True}), 422, "exactly one of")
    assert editor.delete(f"/queue/{first}").json()["done"] == "removed"
    check_refusal(editor.delete(f"/queue/{first}"), 404, "does not wait in the queue")


def list_waiting(client: TestClient) -> list[str]:
    return [one["execution_id"] for one in client.get("/queue").json()["items"]]


def test_several_queue_entries_are_changed_at_once_or_not_at_all(
    host: Host, editor: TestClient, viewer: TestClient
) -> None:
    a, b, c, d = (submit(editor)["execution_id"] for _ in range(4))
    moved = editor.patch("/queue", json={"execution_ids": [d, c], "before": b})
    assert moved.json() == {"changes": [{"execution_id": one, "done": "moved"} for one in (d, c)]}
    assert list_waiting(viewer) == [a, d, c, b]
    editor.patch("/queue", json={"execution_ids": [c, b], "first": True}).raise_for_status()
    assert list_waiting(viewer) == [c, b, a, d]
    missing = {"execution_ids": [a, "20260101-999"], "removed": True}
    check_refusal(editor.patch("/queue", json=missing), 404, "there is no execution '20260101-999'")
    check_refusal(editor.patch("/queue", json={"execution_ids": [a], "before": a}), 422, "before itself")
    check_refusal(editor.patch("/queue", json={"execution_ids": [a]}), 422, "exactly one of")
    check_refusal(viewer.patch("/queue", json={"execution_ids": [a], "held": True}), 403)
    assert list_waiting(viewer) == [c, b, a, d]
    editor.patch("/queue", json={"execution_ids": [a, b], "held": True}).raise_for_status()
    states = {one["execution_id"]: one["state"] for one in viewer.get("/queue").json()["items"]}
    assert states == {c: "waiting", b: "held", a: "held", d: "waiting"}
    removed = editor.patch("/queue", json={"execution_ids": [a, b], "removed": True}).json()
    assert [one["done"] for one in removed["changes"]] == ["removed", "removed"]
    assert list_waiting(viewer) == [c, d]
    rows = (
        Repositories(host.qdash.store)
        .of(AuditRepository)
        .page({}, PageRequest(limit=3), lambda _: True)
        .items
    )
    assert [(one.username, one.path, one.status) for one in reversed(rows)] == [
        ("editor", path, 200) for path in ("/queue", f"/queue/{a}", f"/queue/{b}")
    ]


def test_the_progress_of_a_run_is_shown(host: Host, project: str, viewer: TestClient) -> None:
    with start_run(host, project) as execution_id:
        far = viewer.get(f"/executions/{execution_id}/progress").json()
        assert (far["status"], far["chip_id"], far["done"], far["total"]) == ("running", CHIP, 0, 0)
        assert "left_s" not in far
    assert viewer.get(f"/executions/{execution_id}/progress").json()["status"] == "cancelled"
    check_refusal(viewer.get("/executions/20200101-001/progress"), 404, "there is no execution")


def test_an_owner_releases_the_lock_of_a_live_run_by_force(
    host: Host, project: str, editor: TestClient
) -> None:
    owner = host.connect_as(DEFAULT_USER)
    owner.headers["x-project-id"] = project
    lock, force = f"/locks/{CHIP}", {"force": "true", "reason": "the source is off"}
    with start_run(host, project) as execution_id:
        check_refusal(editor.delete(lock, params=force), 403)
        check_refusal(owner.delete(lock), 409, f"execution {execution_id} of {DEFAULT_USER}", "--force")
        check_refusal(owner.delete(lock, params=force | {"execution_id": ""}), 404, "holds no lock")
        locks = owner.get("/locks").json()
        assert locks["locked"]
        assert locks["leases"][0]["acquired_at"] <= locks["leases"][0]["renewed_at"]
        released = owner.delete(lock, params=force).json()["released"]
        assert [one["execution_id"] for one in released] == [execution_id]
        header = owner.get(f"/executions/{execution_id}/header").json()
        assert (header["status"], header["reason"]) == ("failed", "lock released")
        said = f"{DEFAULT_USER} released the instrument lock (the source is off); "
        assert header["message"].startswith(said)
    locks = owner.get("/locks").json()
    assert (locks["locked"], locks["leases"]) == (False, [])
    assert owner.delete(lock).json() == {"released": []}


def test_installed_components_are_listed(viewer: TestClient) -> None:
    names = [one["name"] for one in viewer.get("/tasks").json()["items"]]
    assert names == sorted(names)
    assert {"Measure", "Broken"} <= set(names)
    assert viewer.get("/tasks/Measure").json()["output_parameters"].keys() == {"t1"}
    check_refusal(viewer.get("/tasks/Nothing"), 404, "Nothing")
    check_refusal(viewer.get("/tasks/Measure/page"), 404, "has written no page")
    on_chip = viewer.get(f"/chips/{CHIP}/tasks").json()["items"]
    assert {one["name"]: one["why_not"] for one in on_chip}["Measure"] is None
    (used,) = [one for one in viewer.get("/backends").json()["items"] if one["name"] == "bench"]
    assert (used["installed"], used["used_first_by"]) == (True, DEFAULT_USER)
    assert {one["status"] for one in viewer.get("/plugins").json()["items"]} == {"ok"}
    assert viewer.get("/workers").json() == {"items": []}


def test_targets_are_ranges_labels_or_ids_and_the_execution_has_their_ids(
    host: Host, project: str, editor: TestClient
) -> None:
    found = submit(editor, targets={"qubits": ["0-2", "Q03"], "exclude": ["1..2"]})
    execution, _ = host.qdash.get(EXECUTIONS).show(
        host.qdash.access(DEFAULT_USER, project), found["execution_id"]
    )
    assert execution.request is not None
    assert execution.request.targets.qubits == ("0", "1", "2", "3")
    assert execution.request.targets.exclude == ("1", "2")
    for qubits, status, text in (
        (["3-0"], 422, "the range '3-0' is reversed"),
        (["0-9"], 404, "has no qubits 5, 6, 7 and 2 more"),
        (["x"], 422, "'x' is not a qubit"),
    ):
        check_refusal(
            editor.post("/executions", json={**MEASURE, "targets": {"qubits": qubits}}), status, text
        )
