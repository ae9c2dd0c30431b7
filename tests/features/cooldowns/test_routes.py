"""Cryostats, cool-downs, tags and calibration notes over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import CalibrationNoteModel
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.repositories import Repositories

from ...api.chip_samples import get_refusal, list_all, make_chip, measure
from ...api.shared_host import clients, editor, host, project, viewer

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]


def test_a_cryostat_is_registered_edited_and_deleted(editor: TestClient, viewer: TestClient) -> None:
    made = editor.post("/cryostats", json={"cryo_id": "K-1", "name": "north"})
    assert (made.status_code, made.json()) == (
        201,
        {"cryo_id": "K-1", "name": "north", "status": "active"},
    )
    get_refusal(editor.post("/cryostats", json={"cryo_id": "K-1"}), 409)
    get_refusal(editor.post("/cryostats", json={"cryo_id": "K/1"}), 422)
    read = viewer.get("/cryostats/K-1")
    first = {"if-match": read.headers["etag"]}
    assert editor.patch("/cryostats/K-1", json={"location": "attic"}, headers=first).json() == {
        **made.json(),
        "location": "attic",
    }
    get_refusal(editor.patch("/cryostats/K-1", json={"name": "south"}, headers=first), 412)
    known = viewer.get("/cryostats/K-1").headers["etag"]
    editor.put("/cryostats/K-1/note", json={"content": "trap cleaned"})
    assert viewer.get("/cryostats/K-1", headers={"if-none-match": known}).status_code == 200
    for name in ("K-2", "K-3"):
        editor.post("/cryostats", json={"cryo_id": name}).raise_for_status()
    assert [one["cryo_id"] for one in list_all(viewer, "/cryostats")] == ["K-1", "K-2", "K-3"]
    get_refusal(editor.delete("/cryostats/K-1"), 409)
    assert editor.delete("/cryostats/K-1?force=true").status_code == 200
    get_refusal(viewer.get("/cryostats/K-1"), 404)


def test_a_cooldown_is_started_loaded_and_ended(editor: TestClient, viewer: TestClient) -> None:
    make_chip(editor)
    editor.post("/cryostats", json={"cryo_id": "K"})
    past = {"started_at": "2025-01-01T00:00:00Z", "ended_at": "2025-02-01T00:00:00Z"}
    editor.post("/cooldowns", json={"cooldown_id": "1", "cryo_id": "K", **past}).raise_for_status()
    begun = editor.post("/cooldowns", json={"cooldown_id": "2", "cryo_id": "K"})
    assert begun.status_code == 201
    assert editor.post("/cooldowns/2/chips/a").json()["chip_ids"] == ["a"]
    assert viewer.get("/chips/a").json()["current_cooldown_id"] == "2"
    old = {"if-match": begun.headers["etag"]}
    get_refusal(editor.patch("/cooldowns/2", json={"description": "new"}, headers=old), 412)
    now = {"if-match": viewer.get("/cooldowns/2").headers["etag"]}
    edited = editor.patch("/cooldowns/2", json={"description": "new"}, headers=now)
    assert edited.json()["description"] == "new"
    get_refusal(editor.post("/cooldowns/2/end", headers=now), 412)
    assert editor.post("/cooldowns/2/end").json()["ended_at"]
    assert "current_cooldown_id" not in viewer.get("/chips/a").json()
    get_refusal(editor.post("/cooldowns/2/end"), 409)
    for path in ("/cooldowns", "/cryostats/K/cooldowns"):
        assert [one["cooldown_id"] for one in list_all(viewer, path, 1)] == ["2", "1"]
    assert [one["cooldown_id"] for one in list_all(viewer, "/chips/a/cooldowns")] == ["2"]
    chips = viewer.get("/cooldowns/2/chips").json()
    assert chips == {"items": [{"cooldown_id": "2", "chip_id": "a", "n_executions": 0, "n_results": 0}]}
    get_refusal(viewer.get("/cooldowns/9/chips"), 404)
    assert editor.delete("/cooldowns/2/chips/a").json()["chip_ids"] == []
    assert editor.delete("/cooldowns/1").status_code == 200
    get_refusal(viewer.get("/cryostats/X/cooldowns"), 404)
    get_refusal(editor.post("/cooldowns", json={"cooldown_id": "3", "cryo_id": "X"}), 404)


def test_tags_are_added_listed_and_deleted(editor: TestClient, viewer: TestClient) -> None:
    for name in ("nightly", "first look", "nightly"):
        assert editor.post("/tags", json={"name": name}).json()["username"] == "editor"
    assert [tag["name"] for tag in list_all(viewer, "/tags", 1)] == ["first look", "nightly"]
    assert editor.delete("/tags/first look").status_code == 200
    get_refusal(editor.delete("/tags/first look"), 404)
    get_refusal(viewer.post("/tags", json={"name": "mine"}), 403)


def test_tags_are_counted_and_replaced(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    measure(host.qdash, project, 1)
    editor.post("/tags", json={"name": "night"}).raise_for_status()
    with host.qdash.store.transaction() as transaction:
        [result] = transaction.find("task_result_history", {"project_id": project})
        transaction.put("task_result_history", {**result, "tags": ["night"]})
    [used] = list_all(viewer, "/tags/use", 1)
    assert (used["name"], used["n_results"], used["n_executions"]) == ("night", 1, 0)
    get_refusal(viewer.post("/tags/replace", json={"names": ["night"]}), 403)
    get_refusal(editor.post("/tags/replace", json={"names": []}), 422)
    get_refusal(editor.post("/tags/replace", json={"names": ["day"], "to": "x"}), 404)
    done = editor.post("/tags/replace", json={"names": ["night"], "to": "nightly"})
    assert (done.json()["n_results"], done.json()["to"]) == (1, "nightly")
    assert [one["task_id"] for one in list_all(viewer, "/task-results", tag="nightly")] == [result["task_id"]]
    removed = editor.post("/tags/replace", json={"names": ["nightly"]})
    assert "to" not in removed.json()
    assert list_all(viewer, "/tags/use") == []


def test_calibration_notes_are_listed_without_their_contents(
    host: Host, project: str, editor: TestClient, viewer: TestClient
) -> None:
    make_chip(editor)
    get_refusal(viewer.get("/chips/a/calibration-notes/latest"), 404)
    notes = Repositories(host.qdash.store).of(CalibrationNoteRepository)
    for number, task_id in enumerate(["t0", "t1", ""]):
        notes.put(
            CalibrationNoteModel(
                project_id=project,
                username="editor",
                chip_id="a",
                execution_id="e",
                task_id=task_id,
                note={"n": number},
            )
        )
    found = list_all(viewer, "/chips/a/calibration-notes")
    assert [one.get("task_id") for one in found] == [None, "t1", "t0"]
    assert not any("note" in one for one in found)
    assert viewer.get("/chips/a/calibration-notes/latest").json()["note"] == {"n": 2}
    assert viewer.get("/chips/a/calibration-notes/e", params={"task_id": "t1"}).json()["note"] == {"n": 1}
    assert viewer.get("/chips/a/calibration-notes/e").json()["note"] == {"n": 2}
    get_refusal(viewer.get("/chips/a/calibration-notes/x"), 404)
