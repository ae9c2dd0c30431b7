"""Notes over HTTP: writing, clearing, scopes, log, search, restoration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...api.chip_samples import get_refusal, list_all, make_chip, measure
from ...api.shared_host import clients, host, project, viewer
from ...photographs import make_picture

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host

__all__ = ["clients", "host", "project", "viewer"]

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


def test_a_target_of_the_other_kind_is_refused(editor: TestClient) -> None:
    refusals = [
        get_refusal(editor.get(f"/chips/a/{place}/note"), status)
        for place, status in (("qubits/0-1", 422), ("couplings/0", 422), ("pairs/0-1", 404))
    ]
    assert [one.partition(":")[0] for one in refusals[:2]] == [
        "'0-1' is not a qubit",
        "'0' is not a coupling",
    ]


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
        get_refusal(editor.put(path, json={"content": "mine"}, headers=first), 412)
        read = viewer.get(path)
        assert (read.json()["note"], read.headers["etag"]) == (
            written.json()["note"],
            written.headers["etag"],
        )
        assert viewer.get(path, headers={"if-none-match": read.headers["etag"]}).status_code == 304
        get_refusal(viewer.put(path, json={"content": "x"}), 403)
        get_refusal(editor.put(path, json={"content": "x" * 20_001}), 422)
    assert len(list_all(viewer, "/chips/a/notes")) == 6
    assert [one["task_id"] for one in list_all(viewer, "/chips/a/noted-results")] == ["r1"]
    assert {one["metric_key"] for one in list_all(viewer, "/chips/a/metric-notes", 1)} == {
        "t1",
        "zx90_gate_fidelity",
    }


def test_edits_of_notes_are_listed_searched_and_restored(editor: TestClient, viewer: TestClient) -> None:
    for content in ("warm pump", "cold pump", ""):
        editor.put("/chips/a/qubits/1/note", json={"content": content}).raise_for_status()
    editor.put("/cryostats/K/note", json={"content": "the pump"}).raise_for_status()
    found = list_all(viewer, "/chips/a/note-events")
    assert [(one["action"], one.get("content")) for one in found] == [
        ("delete", None),
        ("upsert", "cold pump"),
        ("upsert", "warm pump"),
    ]
    by_target = {"scope": "qubit", "target_id": "1", "chip_id": "a"}
    assert list_all(viewer, "/note-events/by-target", **by_target) == found
    assert len(list_all(viewer, "/note-events/search", q="pump")) == 3
    assert [one["content"] for one in list_all(viewer, "/note-events/search", q="PUMP warm")] == ["warm pump"]
    newest = {"since": found[0]["created_at"]}
    for path, query, contents in (
        ("/chips/a/note-events", {}, [None]),
        ("/note-events/by-target", by_target, [None]),
        ("/note-events/search", {"q": "pump"}, ["the pump"]),
    ):
        assert [one.get("content") for one in list_all(viewer, path, **query, **newest)] == contents
        assert list_all(viewer, path, **query, until="2020-01-01T00:00:00Z") == []
    get_refusal(viewer.get("/chips/a/note-events", params={"since": "2020-01-01"}), 422)
    get_refusal(viewer.get("/note-events/search", params={"q": "!?"}), 422)
    assert viewer.get(f"/note-events/{found[2]['seq']}").json() == found[2]
    assert editor.post(f"/note-events/{found[2]['seq']}/restore").json()["note"]["content"] == "warm pump"
    get_refusal(viewer.get("/note-events/9999"), 404)
    get_refusal(viewer.get(f"/note-events/{2**70}"), 422)


def test_a_note_on_a_metric_has_a_scope(editor: TestClient) -> None:
    path = "/chips/a/qubits/0/metric-notes/t1"
    editor.put(path, json={"content": "then"}, params={"cooldown_id": "1"}).raise_for_status()
    assert "note" not in editor.get(path).json()
    assert editor.get(path, params={"cooldown_id": "1"}).json()["note"]["content"] == "then"
    get_refusal(editor.get(path, params={"since": "2026-01-01T00:00:00Z"}), 422)
    bounds = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-03T00:00:00Z"}
    made = editor.put(path, json={"content": "in between"}, params=bounds).json()
    assert (made["scope_type"], made["scope_source"]) == ("time_range", "manual_time_range")
    always = editor.put("/chips/a/qubits/1/metric-notes/t1", json={"content": "always"}).json()
    assert (always["scope_type"], always["scope_source"]) == ("global", "global")
    for listed in ("/chips/a/metric-notes", "/chips/a/notes"):
        for query, contents in (
            ({}, ["always"]),
            ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-02T01:00:00Z"}, ["in between", "always"]),
            ({"until": "2026-01-01T00:00:00Z"}, ["always"]),
        ):
            assert [one["note"]["content"] for one in list_all(editor, listed, **query)] == contents
        get_refusal(editor.get(listed, params={"since": bounds["until"], "until": bounds["since"]}), 422)
        get_refusal(editor.get(listed, params={**bounds, "cooldown_id": "1"}), 422)
    past = {"written_until": "2020-01-01T00:00:00Z"}
    assert list_all(editor, "/chips/a/notes", **past) == []
    assert list_all(editor, "/chips/a/notes", written_since=past["written_until"]) == [always]
    assert list_all(editor, "/chips/a/noted-results", until=past["written_until"]) == []
    get_refusal(editor.put("/chips/a/qubits/0/metric-notes/nothing", json={"content": "x"}), 404)


def test_the_timeline_of_notes_is_filtered(editor: TestClient, viewer: TestClient) -> None:
    for path, content in (
        ("/chips/a/qubits/1/note", "warm pump"),
        ("/chips/a/qubits/1/note", "cold pump"),
        ("/task-results/r1/note", "the pump was off"),
        ("/cooldowns/1/note", "new attenuators"),
    ):
        editor.put(path, json={"content": content}).raise_for_status()
    found = list_all(viewer, "/note-events", 1)
    assert [(one["content"], one["current"]) for one in found] == [
        ("new attenuators", True),
        ("the pump was off", True),
        ("cold pump", True),
        ("warm pump", False),
    ]
    for query, expected in (
        ({"q": "PUMP", "current": "true"}, [1, 2]),
        ({"scope": ["qubit", "cooldown"]}, [0, 2, 3]),
        ({"chip_id": "a", "target_id": "1"}, [2, 3]),
        ({"actor": "viewer"}, []),
        ({"since": found[1]["created_at"], "until": found[0]["created_at"]}, [1]),
    ):
        assert list_all(viewer, "/note-events", 200, **query) == [found[place] for place in expected]
    get_refusal(viewer.get("/note-events", params={"scope": "cat"}), 422)
    get_refusal(viewer.get("/note-events", params={"q": "…"}), 422)


def test_files_of_a_note_are_attached_shown_with_it_and_in_the_timeline(
    editor: TestClient, viewer: TestClient
) -> None:
    path, about = "/note-files/qubit_metric/0", {"chip_id": "a", "metric_key": "t1"}
    note = "/chips/a/qubits/0/metric-notes/t1"
    made = editor.put(f"{path}/trace%201.png", params=about, content=make_picture())
    assert (made.status_code, made.json()["media_type"]) == (200, "image/png"), made.text
    editor.put(f"{path}/data.csv", params=about, content=b"a,b\n").raise_for_status()
    written = editor.put(note, json={"content": "![trace](file:trace%201.png)"}).json()
    assert [one["name"] for one in written["attachments"]] == ["data.csv", "trace 1.png"]
    assert viewer.get(note).json()["attachments"] == written["attachments"]
    assert list_all(viewer, path, **about) == written["attachments"]
    assert viewer.get("/note-files/qubit/0", params={"chip_id": "a"}).json()["items"] == []
    (entry,) = viewer.get("/note-events", params={"current": True}).json()["items"]
    assert [one["name"] for one in entry["attachments"]] == ["trace 1.png"]
    assert viewer.get(f"/note-events/{entry['seq']}").json()["attachments"] == entry["attachments"]

    small = viewer.get(f"{path}/trace%201.png/thumbnail", params=about)
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    sent = viewer.get(f"{path}/data.csv", params=about)
    assert sent.headers["content-disposition"] == 'attachment; filename="data.csv"'
    get_refusal(viewer.put(f"{path}/a.csv", params=about, content=b"a"), 403)
    get_refusal(viewer.delete(f"{path}/data.csv", params=about), 403)
    get_refusal(editor.put("/note-files/pair/0/a.csv", params=about, content=b"a"), 422)
    assert "name the chip" in get_refusal(editor.put("/note-files/qubit/0/a.csv", content=b"a"), 422)
    editor.delete(f"{path}/data.csv", params=about).raise_for_status()
    editor.delete(f"{path}/trace%201.png", params=about).raise_for_status()
    assert "attachments" not in viewer.get(note).json()
