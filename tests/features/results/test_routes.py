"""Results over HTTP: listing, search, display, figures, raw data, and the archive of an execution."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.feature import RESULTS
from qdash_core import RawData
from qdash_core.chips.topology import Site, Topology
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXECUTION = "20261120-000"
RAW_DATA = ("raw_data/r0.npz", "raw_data/r1.npz")
PAIR = Topology("pair", (Site("0", 0, 0, 0), Site("1", 0, 1, 0)), ("0-1",))


@pytest.fixture
def recorded(host: Host) -> list[str]:
    """Record T1 of two qubits, the second with a failure; return the ids."""
    qdash = host.qdash
    access = qdash.access("owner")
    shared = {"project_id": access.project_id, "username": "owner", "chip_id": "a", "execution_id": EXECUTION}
    qdash.get(CHIPS).create(access, "a", PAIR, backend="fake")
    qdash.repositories.of(ExecutionRepository).add(ExecutionModel(**shared, name="bring-up", start_at=NOON))
    failed = {"status": TaskStatus.FAILED, "message": "no decay"}
    completed = {"status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED, "tags": ["day", "cold"]}
    for number, how in enumerate((completed, {**failed, "tags": ["day"], "cooldown_id": "cd-7"})):
        result = TaskResultModel(
            **shared,
            **how,
            task_id=f"r{number}",
            name="CheckT1",
            backend="fake",
            qid=str(number),
            start_at=NOON + timedelta(seconds=number),
            end_at=NOON + timedelta(seconds=number + 1),
        )
        raw = RawData({"delay": (np.arange(3.0), "us"), "signal": (np.array([3.0, 2.0, 1.0]), "a.u.")})
        qdash.artifacts.save_raw_data(result.raw_data_file, raw)
        qdash.repositories.of(TaskResultHistoryRepository).add(
            result.model_copy(update={"raw_data_path": [result.raw_data_file]})
        )
        latest = {
            name: getattr(result, name) for name in LatestResultModel.model_fields if hasattr(result, name)
        }
        qdash.repositories.of(LatestResultRepository).put(LatestResultModel(**latest))
    return ["r0", "r1"]


def list_ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["task_id"] for one in answer["items"]]


def test_results_are_listed_and_searched(viewer: TestClient, recorded: list[str]) -> None:
    assert list_ids(viewer.get("/task-results").json()) == ["r1", "r0"]
    first = viewer.get("/task-results", params={"limit": 1}).json()
    assert list_ids(viewer.get("/task-results", params={"limit": 1, "after": first["next"]}).json()) == ["r0"]
    for asked, found in (
        ({"q": "decay"}, ["r1"]),
        ({"status": "failed", "chip_id": "a"}, ["r1"]),
        ({"verdict": "accepted"}, ["r0"]),
        ({"target": "Q01", "task": "CheckT1"}, ["r1"]),
        ({"tag": "day"}, ["r1", "r0"]),
        ({"tag": ["day", "cold"]}, ["r0"]),
        ({"cooldown_id": "cd-7"}, ["r1"]),
        ({"cooldown_id": "cd-7", "verdict": "accepted"}, []),
        ({"user": "owner", "tag": "day"}, ["r1", "r0"]),
        ({"user": "viewer"}, []),
        ({"until": (NOON + timedelta(seconds=1)).isoformat()}, ["r0"]),
    ):
        assert list_ids(viewer.get("/task-results", params=asked).json()) == found
    assert list_ids(viewer.get(f"/executions/{EXECUTION}/results", params={"status": "failed"}).json()) == [
        "r1"
    ]
    for wrong in (
        {"q": "-"},
        {"status": "x"},
        {"target": "x"},
        {"after": "x"},
        {"since": "2026-11-20T12:00:00"},
        {"tags": "day"},
        {"cooldown": "cd-7"},
        {"since": "0001-01-01T00:00:00+23:00"},
    ):
        answer = viewer.get("/task-results", params=wrong)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input"), wrong


def test_a_listed_result_names_its_execution_its_tags_and_its_cooldown(
    viewer: TestClient, recorded: list[str]
) -> None:
    (found,) = viewer.get("/task-results", params={"cooldown_id": "cd-7"}).json()["items"]
    shown = ("username", "chip_id", "execution_id", "tags", "cooldown_id")
    assert [found[name] for name in shown] == ["owner", "a", EXECUTION, ["day"], "cd-7"]


def test_executions_are_found_by_their_cooldown_and_their_results(
    host: Host, viewer: TestClient, recorded: list[str]
) -> None:
    about = {"project_id": host.qdash.access("owner").project_id, "username": "owner", "chip_id": "a"}
    another = ExecutionModel(
        **about, execution_id="20261120-001", name="T1", cooldown_id="cd-7", start_at=NOON
    )
    host.qdash.repositories.of(ExecutionRepository).add(another)
    for asked, found in (
        ({"cooldown_id": "cd-7"}, ["20261120-001"]),
        ({"task": "CheckT1"}, [EXECUTION]),
        ({"task": "CheckT1", "verdict": "accepted"}, [EXECUTION]),
        ({"task": "CheckT1", "verdict": "flagged"}, []),
        ({"verdict": "accepted", "cooldown_id": "cd-7"}, []),
    ):
        items = viewer.get("/executions", params=asked).json()["items"]
        assert [one["execution_id"] for one in items] == found, asked
    for wrong in (
        {"verdict": "perfect"},
        {"since": NOON.isoformat(), "until": NOON.isoformat()},
        {"cooldown": "1"},
    ):
        assert viewer.get("/executions", params=wrong).status_code == 422, wrong


def test_the_newest_results_of_a_chip_are_counted_by_task(viewer: TestClient, recorded: list[str]) -> None:
    newest = viewer.get("/chips/a/newest-results").json()["tasks"]
    assert newest["CheckT1"] == {
        "targets": 2,
        "by_status": {"completed": 1, "failed": 1},
        "flagged": 0,
        "last_at": newest["CheckT1"]["last_at"],
    }
    assert viewer.get("/chips/b/newest-results").status_code == 404


def test_an_unchanged_result_is_answered_with_304(viewer: TestClient, recorded: list[str]) -> None:
    answer = viewer.get("/task-results/r1")
    assert (answer.json()["message"], answer.json()["status"]) == ("no decay", "failed")
    known = {"if-none-match": answer.headers["etag"]}
    assert viewer.get("/task-results/r1", headers=known).status_code == 304
    assert viewer.get("/task-results/nothing").status_code == 404


def test_figures_and_raw_data_of_results_are_returned(viewer: TestClient, recorded: list[str]) -> None:
    made = viewer.get("/chips/a/thumbnails", params={"task": "CheckT1"}).json()
    assert {qid: one["task_id"] for qid, one in made["thumbnails"].items()} == {"0": "r0", "1": "r1"}
    assert all(one["svg"].startswith("<svg ") for one in made["thumbnails"].values())
    some = viewer.get("/chips/a/thumbnails", params={"task": "CheckT1", "targets": "1"}).json()
    assert [*some["thumbnails"]] == ["1"]
    assert viewer.get("/task-results/r0/thumbnail").json() == made["thumbnails"]["0"]
    assert viewer.get("/chips/b/thumbnails", params={"task": "CheckT1"}).status_code == 404
    assert {*viewer.get("/task-results/r0/figure").json()} == {"data", "layout"}

    found = viewer.get("/task-results/r0/raw-data").json()
    assert found["arrays"]["signal"] == {
        "unit": "a.u.",
        "kind": "real",
        "shape": [3],
        "values": [3.0, 2.0, 1.0],
    }
    file = viewer.get("/task-results/r0/raw-data-file")
    with np.load(io.BytesIO(file.content)) as arrays:
        assert arrays["delay"].tolist() == [0.0, 1.0, 2.0]


def test_raw_data_are_downloaded_as_csv_and_netcdf(viewer: TestClient, recorded: list[str]) -> None:
    table = viewer.get("/task-results/r0/raw-data-file", params={"format": "csv"})
    assert table.headers["content-disposition"].endswith('"r0.csv"')
    assert table.text.splitlines()[:2] == ["array,unit,index,value,imaginary", "delay,us,0,0.0,"]
    file = viewer.get("/task-results/r0/raw-data-file", params={"format": "nc"})
    assert file.content.startswith(b"CDF\x02")
    assert viewer.get("/task-results/r0/raw-data-file", params={"format": "mat"}).status_code == 422


def test_a_planted_path_is_neither_read_nor_archived(
    host: Host, viewer: TestClient, recorded: list[str]
) -> None:
    found = host.qdash.get(RESULTS).show(host.qdash.access("owner"), "r0")
    planted = found.model_copy(update={"task_id": "planted", "raw_data_path": ["../qdash.db"]})
    host.qdash.repositories.of(TaskResultHistoryRepository).add(planted)
    for path in ("raw-data", "raw-data-file"):
        answer = viewer.get(f"/task-results/planted/{path}")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
    for path in ("../../qdash.db", "..%2f..%2fqdash.db", "%2e%2e/qdash.db"):
        assert viewer.get(f"/task-results/{path}/raw-data-file").status_code == 404
    answer = viewer.get(f"/executions/{EXECUTION}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {*RAW_DATA, "results.jsonl", "missing.txt"}
    assert viewer.get("/executions/nothing/export").status_code == 404


def test_missing_raw_data_are_not_found_and_their_path_is_not_shown(
    host: Host, viewer: TestClient, editor: TestClient, recorded: list[str]
) -> None:
    home = host.qdash.settings.home
    recorded_path = host.qdash.get(RESULTS).show(host.qdash.access("owner"), "r0").raw_data_path[0]
    place = home / "artifacts" / recorded_path
    content = place.read_bytes()
    routes = ("figure", "raw-data", "raw-data-file", "refit")
    for damage, status in ((place.unlink, 404), (lambda: place.write_bytes(content[:40]), 500)):
        damage()
        for route in routes if status == 404 else ("figure", "raw-data", "refit"):
            path = f"/task-results/r0/{route}"
            answer = editor.post(path, json={}) if route == "refit" else viewer.get(path)
            assert answer.status_code == status, route
            assert recorded_path in answer.json()["detail"], route
            assert str(home) not in answer.text, route


def test_a_viewer_may_preview_a_refit_and_only_an_editor_records_it(
    viewer: TestClient, editor: TestClient, recorded: list[str]
) -> None:
    route = "/task-results/r0/refit"
    n_results = len(viewer.get("/task-results").json()["items"])
    shown = viewer.post(f"{route}-preview", json={"figure": True}).json()
    assert (shown["name"], shown["original"]["task_id"], shown["refit"]["status"]) == (
        "CheckT1",
        "r0",
        "failed",
    )
    assert (shown["changes"], {*shown["figure"]}) == ([], {"data", "layout"})
    assert viewer.post(route, json={}).status_code == 403
    for path in (route, f"{route}-preview"):
        refused = editor.post(path, json={"options": {"shots": 16}})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
        assert "fit_window, exclude" in refused.json()["detail"]
    assert len(viewer.get("/task-results").json()["items"]) == n_results
    stale = editor.post(route, json={"basis": "0" * 32})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    again = editor.post(route, json={"basis": shown["basis"]})
    assert (again.status_code, again.json()["refit_of"], again.json()["status"]) == (201, "r0", "failed")
    assert (again.json()["username"], again.json()["measured"]["username"]) == ("editor", "owner")


def test_editors_record_their_own_analyses_once_for_each_key(
    host: Host, viewer: TestClient, editor: TestClient, recorded: list[str]
) -> None:
    route = "/task-results/r0/analyses"
    body = {
        "parameters": {"t1": {"value": 4.0, "error": 0.2, "unit": "us"}},
        "model": "stretched exponential",
        "note": "exponent 0.83(2)",
        "quality": {"reduced_chi2": 1.1},
    }
    assert host.client.post(route, json=body).status_code == 401
    assert viewer.post(route, json=body).status_code == 403
    key = {"Idempotency-Key": "k"}
    first, second = (editor.post(route, json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.json()) == (201, first.json())
    shown = first.json()
    assert (shown["username"], shown["analysis_model"], shown["refit_of"], shown["verdict"]) == (
        "editor",
        "stretched exponential",
        "r0",
        "accepted",
    )
    assert shown["quality"] == {"reduced_chi2": 1.1}
    other = editor.post(route, json={**body, "model": "line"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    listed = viewer.get("/task-results").json()["items"]
    assert [one.get("analysis_model") for one in listed] == ["stretched exponential", None, None]
    note = viewer.get(f"/task-results/{shown['task_id']}/note").json()["note"]
    assert (note["content"], note["updated_by"]) == ("exponent 0.83(2)", "editor")
    for changes, said in (
        ({"parameters": {"t2": {"value": 4.0}}}, "CheckT1 has no output 't2'"),
        ({"parameters": {"t1": {"value": 4.0, "unit": "MHz"}}}, "t1 is in µs, not in MHz"),
        ({"parameters": {"t1": {"value": 4.0, "error": 0.0}}}, "error"),
        ({"parameters": {}}, "parameters"),
        ({"model": ""}, "model"),
    ):
        refused = editor.post(route, json={**body, **changes})
        assert refused.status_code == 422
        assert said in refused.text
    assert len(viewer.get("/task-results").json()["items"]) == len(listed)
    assert editor.post("/task-results/none/analyses", json=body).status_code == 404
