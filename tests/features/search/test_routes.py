"""HTTP tests of the search: answers and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...api.chip_samples import get_refusal, make_chip

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_a_viewer_searches(editor: TestClient, viewer: TestClient) -> None:
    make_chip(editor)
    found = viewer.get("/search", params={"q": "q1", "limit": 1}).json()
    assert found["missing"] == []
    assert found["matches"][0] == {
        "kind": "qubit",
        "title": "Qubit 1",
        "text": "a, pending",
        "address": "qubit?chip=a&qubit=1",
        "command": "qdash metrics a --qids 1",
    }
    assert "command" not in {one["kind"] for one in found["matches"]}
    offered = editor.get("/search", params={"q": "calibrate 1"}).json()["matches"]
    assert [one["title"] for one in offered] == ["Calibrate qubit 1"]


def test_wrong_searches_are_refused(viewer: TestClient) -> None:
    for query in (
        {},
        {"q": ""},
        {"q": "a" * 201},
        {"q": "a", "limit": 0},
        {"q": "a", "limit": 51},
        {"q": "a " * 11},
    ):
        assert viewer.get("/search", params=query).status_code in (400, 422), query
    assert "there is no chip 'x'" in get_refusal(
        viewer.get("/search", params={"q": "a", "chip_id": "x"}), 404
    )
