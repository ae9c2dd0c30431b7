"""Changes of values over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator, Parameter
from qdash_core.models.project import DEFAULT_USER
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

QUBIT = f"/chips/{CHIP}/qubits/0"
T1 = {"values": {"t1": {"value": 45.2, "error": 0.8, "unit": "us"}}, "reason": "measured by hand"}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([make_task()], [make_backend_by_chip()], http_host=True)


@pytest.fixture
def measured(host: Host, project: str) -> TaskResultModel:
    """A result whose value is in use."""
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project), host.qdash
    )
    session.initialize()
    result = session.run_task("Measure", "0")
    session.complete()
    return result


def read_t1(client: TestClient) -> float | None:
    found = client.get(QUBIT).json()["values"].get("t1")
    return None if found is None else found["value"]


def test_a_value_far_from_the_one_in_use_needs_a_confirmation(
    editor: TestClient, measured: TaskResultModel
) -> None:
    far = {"values": {"t1": {"value": 450.0}}, "reason": "by hand"}
    refused = editor.patch(QUBIT, json=far)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/unconfirmed")
    assert "t1 = 450 µs is far from 10.0(5) µs in use" in refused.json()["detail"]
    assert read_t1(editor) == 10.0
    answer = editor.patch(QUBIT, json=far | {"confirmed": True})
    assert answer.status_code == 200, answer.text
    assert answer.json()["reason"].startswith("by hand (confirmed: t1 = 450")
    assert read_t1(editor) == 450.0


def test_an_editor_sets_rejects_uses_and_undoes_values(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    answer = editor.patch(QUBIT, json=T1)
    assert answer.status_code == 200, answer.text
    event = answer.json()
    assert (event["kind"], event["username"], event["reason"]) == ("set", "editor", "measured by hand")
    assert event["changes"][0]["before"]["value"] == 10.0
    assert read_t1(viewer) == 45.2

    rejected = editor.post(f"/task-results/{event['task_id']}/rejection", json={"reason": "a slip"})
    assert rejected.status_code == 200, rejected.text
    assert read_t1(viewer) == 10.0
    used = editor.post(f"/task-results/{event['task_id']}/use", json={})
    assert used.status_code == 200, used.text
    assert read_t1(viewer) == 45.2

    undone = editor.post(f"/value-events/{used.json()['event']['number']}/undo", json={})
    assert undone.status_code == 200, undone.text
    assert read_t1(viewer) == 10.0
    log = viewer.get(f"/chips/{CHIP}/value-events").json()["items"]
    assert [one["kind"] for one in log] == ["undone", "used", "rejected", "set", "calibrated"]
    shown = viewer.get(f"/value-events/{log[0]['number']}").json()
    assert shown["changes"][0]["after"]["value"] == 10.0


def test_an_editor_trusts_a_value_until_a_time_and_undoes_it(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    body = {"metrics": ["t1"], "until": "2126-01-01T00:00:00Z", "reason": "checked by hand"}
    assert viewer.post(f"{QUBIT}/trust", json=body).status_code == 403
    answer = editor.post(f"{QUBIT}/trust", json=body)
    assert answer.status_code == 200, answer.text
    event = answer.json()
    assert (event["kind"], event["targets"], event["parameters"]) == ("trusted", ["0"], ["t1"])
    assert event["trusted"]["t1"]["until"] == "2126-01-01T00:00:00Z"
    assert viewer.get(QUBIT).json()["values"]["t1"]["marks"] == ["trusted-by-user"]
    undone = editor.post(f"/value-events/{event['number']}/undo", json={})
    assert undone.status_code == 200, undone.text
    assert "marks" not in viewer.get(QUBIT).json()["values"]["t1"]
    past = editor.post(f"{QUBIT}/trust", json=body | {"until": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422
    assert editor.post(f"{QUBIT}/trust", json=body | {"reason": ""}).status_code == 422


def test_a_script_of_the_laboratory_records_a_changed_setting(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    body = {"resource": "mux:0", "name": "pump power", "before": "8.1 dBm", "after": "8.3 dBm"}
    path = f"/chips/{CHIP}/setting-changes"
    assert viewer.post(path, json=body).status_code == 403
    answer = editor.post(path, json=body)
    assert answer.status_code == 200, answer.text
    event = answer.json()
    assert (event["kind"], event["targets"], event["parameters"]) == (
        "reconfigured",
        ["0", "1", "2"],
        ["pump power"],
    )
    assert event["settings"]["1"]["resource"] == "multiplexer 0"
    assert editor.post(path, json=body | {"resource": "mux:9"}).status_code == 404
    assert editor.post(path, json=body | {"after": "8.1 dBm"}).status_code == 422


def test_a_reversion_can_be_previewed_by_a_viewer(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    editor.patch(QUBIT, json=T1)
    where = f"/chips/{CHIP}/values/reversion"
    preview = viewer.get(where, params={"to": measured.execution_id, "qubits": "0"})
    assert preview.status_code == 200, preview.text
    assert preview.json()["changes"][0]["after"]["value"] == 10.0
    assert read_t1(viewer) == 45.2
    assert viewer.post(where, json={"to": measured.execution_id}).status_code == 403
    reverted = editor.post(where, json={"to": measured.execution_id, "reason": "back"})
    assert reverted.status_code == 200, reverted.text
    assert read_t1(viewer) == 10.0
    assert "event" not in editor.post(where, json={"to": measured.execution_id}).json()


@each_case(
    ("body", "message"),
    [
        ({"values": {}, "reason": "x"}, "values"),
        ({"values": {"t1": {"value": "NaN"}}, "reason": "x"}, "t1"),
        ({"values": {"t1": {"value": 1.0, "error": 0}}, "reason": "x"}, "error"),
        ({"values": {"t2": {"value": 1.0}}, "reason": "x"}, "no parameter"),
        ({"values": {"t1": {"value": 1.0, "unit": "MHz"}}, "reason": "x"}, "not in MHz"),
        ({"values": {"t1": {"value": 1.0}}, "reason": " "}, "reason"),
        ({"values": {"t1": {"value": 1.0}}}, "reason"),
    ],
)
def test_an_invalid_value_is_refused(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel, body: object, message: str
) -> None:
    answer = editor.patch(QUBIT, json=body)
    assert answer.status_code == 422, answer.text
    assert message in answer.text
    assert read_t1(viewer) == measured.output_parameters["t1"].value


def test_a_viewer_changes_nothing(viewer: TestClient, measured: TaskResultModel) -> None:
    assert viewer.patch(QUBIT, json=T1).status_code == 403
    for path, body in (
        (f"/task-results/{measured.task_id}/acceptance", {}),
        (f"/task-results/{measured.task_id}/rejection", {"reason": "x"}),
        (f"/task-results/{measured.task_id}/use", {}),
        ("/value-events/1/undo", {}),
    ):
        assert viewer.post(path, json=body).status_code == 403, path


def test_a_stale_editor_is_told(editor: TestClient, measured: TaskResultModel) -> None:
    seen = editor.get(QUBIT).headers["etag"]
    first = editor.patch(QUBIT, json=T1, headers={"if-match": seen})
    assert first.status_code == 200, first.text
    assert editor.patch(QUBIT, json=T1, headers={"if-match": seen}).status_code == 412
    assert editor.patch(QUBIT, json=T1, headers={"if-match": first.headers["etag"]}).status_code == 200


def test_the_answer_to_a_change_names_its_own_version(editor: TestClient, measured: TaskResultModel) -> None:
    address, first = f"/chips/{CHIP}/qubits/0", {"values": {"t1": {"value": 50.0}}, "reason": "first"}
    made = editor.patch(address, json=first, headers={"idempotency-key": "one"})
    second = {"values": {"t1": {"value": 51.0}}, "reason": "second"}
    assert editor.patch(address, json=second, headers={"if-match": made.headers["etag"]}).status_code == 200
    repeated = editor.patch(address, json=first, headers={"idempotency-key": "one"})
    assert repeated.headers["etag"] == made.headers["etag"]
    third = {"values": {"t1": {"value": 52.0}}, "reason": "third"}
    assert (
        editor.patch(address, json=third, headers={"if-match": repeated.headers["etag"]}).status_code == 412
    )


def test_a_repeated_request_with_one_key_changes_once(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    key = {"idempotency-key": "7f1c"}
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda _: editor.patch(QUBIT, json=T1, headers=key), range(4))]
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["number"] for one in answers}) == 1
    log = viewer.get(f"/chips/{CHIP}/value-events", params={"by_hand": True}).json()["items"]
    assert [one["kind"] for one in log] == ["set"]
    other = editor.patch(QUBIT, json={**T1, "reason": "other"}, headers=key)
    assert other.status_code == 409, other.text


def test_an_event_of_another_project_is_not_found(
    host: Host, editor: TestClient, measured: TaskResultModel
) -> None:
    assert editor.get("/value-events/999").status_code == 404
    assert editor.post("/value-events/0/undo", json={}).status_code == 422
    undone = editor.post("/value-events/1/undo", json={"reason": "x" * 2001})
    assert undone.status_code == 422


def test_values_in_another_unit_than_declared_are_shown_and_converted(
    host: Host, project: str, editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    route = f"/chips/{CHIP}/values/unit-conversion"
    assert viewer.get(route).json() == {"changes": [], "kept": []}
    with host.qdash.store.transaction() as transaction:
        qubits = Repositories(transaction).of(QubitCalibrationRepository)
        known = qubits.require(project, CHIP, "0").data["t1"]
        in_ms = known.with_estimate(Parameter(0.01, 0.0005, "ms"))
        qubits.update_calib_data(project, CHIP, "0", {"t1": in_ms})
    (change,) = viewer.get(route).json()["changes"]
    assert (change["before"]["unit"], change["after"]["value"], change["after"]["unit"]) == ("ms", 10.0, "us")
    assert viewer.post(route, json={}).status_code == 403
    done = editor.post(route, json={"reason": "an old plugin"}).json()
    assert (read_t1(viewer), len(done["changes"])) == (10.0, 1)
    undone = editor.post(f"/value-events/{done['event']}/undo", json={})
    assert (undone.status_code, read_t1(viewer)) == (200, 0.01)


def test_a_result_has_another_version_after_each_decision(
    editor: TestClient, measured: TaskResultModel
) -> None:
    path, seen = f"/task-results/{measured.task_id}", set()
    for decision, reason in (("rejection", "noise"), ("acceptance", ""), ("rejection", "noise again")):
        read = editor.get(path)
        seen.add(tag := read.headers["etag"])
        assert editor.get(path, headers={"if-none-match": tag}).status_code == 304
        editor.post(f"{path}/{decision}", json={"reason": reason}).raise_for_status()
        assert editor.get(path, headers={"if-none-match": tag}).status_code == 200
    assert len(seen) == 3
