"""Notes over HTTP: writing, clearing, scopes, log, search, restoration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .samples import all_of, make_chip, measure, told

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...conftest import Host

PLACES = (
    "/chips/a/note",
    "/chips/a/qubits/1/note",
    "/chips/a/couplings/0-1/note",
    "/cryostats/K/note",
    "/cooldowns/1/note",
    "/task-results/r1/note",
    "/chips/a/qubits/0/metric-notes/t1",
    "/chips/a/couplings/0-1/metric-notes/zx90_gate_fidelity",
)


@pytest.fixture
def editor(host: Host, project: str, clients: dict[str, TestClient]) -> TestClient:
    """An editor of a project with one object of every kind."""
    editor = clients["editor"]
    make_chip(editor)
    editor.post("/cryostats", json={"cryo_id": "K"}).raise_for_status()
    editor.post("/cooldowns", json={"cooldown_id": "1", "cryo_id": "K"}).raise_for_status()
    measure(host.qdash, project, 1)
    return editor


def test_a_note_is_overwritten_only_in_the_version_that_was_read(
    editor: TestClient, viewer: TestClient
) -> None:
    for path in PLACES:
        unwritten = viewer.get(path)
        assert "note" not in unwritten.json()
        first = {"if-match": unwritten.headers["etag"]}
        written = editor.put(path, json={"content": f"Für {path}"}, headers=first)
        assert written.json()["note"]["content"] == f"Für {path}"
        assert written.json()["note"]["updated_by"] == "editor"
        told(editor.put(path, json={"content": "mine"}, headers=first), 412)
        read = viewer.get(path)
        assert (read.json()["note"], read.headers["etag"]) == (
            written.json()["note"],
            written.headers["etag"],
        )
        assert viewer.get(path, headers={"if-none-match": read.headers["etag"]}).status_code == 304
        told(viewer.put(path, json={"content": "x"}), 403)
        told(editor.put(path, json={"content": "x" * 20_001}), 422)
    assert len(all_of(viewer, "/chips/a/notes")) == 6
    assert [one["task_id"] for one in all_of(viewer, "/chips/a/noted-results")] == ["r1"]
    assert {one["metric_key"] for one in all_of(viewer, "/chips/a/metric-notes", 1)} == {
        "t1",
        "zx90_gate_fidelity",
    }


def test_edits_of_notes_are_listed_searched_and_restored(editor: TestClient, viewer: TestClient) -> None:
    for content in ("warm pump", "cold pump", ""):
        editor.put("/chips/a/qubits/1/note", json={"content": content}).raise_for_status()
    editor.put("/cryostats/K/note", json={"content": "the pump"}).raise_for_status()
    found = all_of(viewer, "/chips/a/note-events")
    assert [(one["action"], one.get("content")) for one in found] == [
        ("delete", None),
        ("upsert", "cold pump"),
        ("upsert", "warm pump"),
    ]
    by_target = {"scope": "qubit", "target_id": "1", "chip_id": "a"}
    assert all_of(viewer, "/note-events/by-target", **by_target) == found
    assert len(all_of(viewer, "/note-events/search", q="pump")) == 3
    assert [one["content"] for one in all_of(viewer, "/note-events/search", q="PUMP warm")] == ["warm pump"]
    told(viewer.get("/note-events/search", params={"q": "!?"}), 422)
    assert viewer.get(f"/note-events/{found[2]['seq']}").json() == found[2]
    assert editor.post(f"/note-events/{found[2]['seq']}/restore").json()["note"]["content"] == "warm pump"
    told(viewer.get("/note-events/9999"), 404)
    told(viewer.get(f"/note-events/{2**70}"), 422)


def test_a_note_on_a_metric_has_a_scope(editor: TestClient) -> None:
    path = "/chips/a/qubits/0/metric-notes/t1"
    editor.put(path, json={"content": "then"}, params={"cooldown_id": "1"}).raise_for_status()
    assert "note" not in editor.get(path).json()
    assert editor.get(path, params={"cooldown_id": "1"}).json()["note"]["content"] == "then"
    told(editor.get(path, params={"since": "2026-01-01T00:00:00Z"}), 422)
    told(editor.put("/chips/a/qubits/0/metric-notes/nothing", json={"content": "x"}), 404)
