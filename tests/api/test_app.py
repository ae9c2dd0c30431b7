"""A running host: authentication, responses, and errors."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host


def test_liveness_names_the_build(host: Host) -> None:
    build = {name: value for name, value in asdict(read_build()).items() if value is not None}
    assert host.client.get("/health").json() == {"status": "alive", **build}


def test_without_a_token_only_open_paths_answer(host: Host) -> None:
    assert host.client.get("/health").status_code == 200
    for path in ("/chips/a", "/nothing", "/health/", "//health"):
        refused = host.client.get(path)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.json()["type"] == "/problems/unauthorised"


def test_an_unknown_path_or_method_is_a_problem_document(viewer: TestClient) -> None:
    answer = viewer.get("/chips/a")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("there is no chip 'a'")
    nowhere = viewer.get("/chip/a")
    assert (nowhere.status_code, nowhere.json()["detail"]) == (
        404,
        "/chip/a does not exist: /docs lists all routes",
    )
    undone = viewer.put("/chips")
    assert (undone.status_code, undone.json()["detail"]) == (
        405,
        "/chips does not support PUT (supported: GET, POST)",
    )


@pytest.mark.slow
def test_an_unknown_name_is_refused_with_the_known_ones(viewer: TestClient) -> None:
    misspelt = viewer.get("/task-results?task_name=CheckT1").json()
    assert (misspelt["status"], misspelt["errors"][0]["place"]) == (422, "query.task_name")
    assert misspelt["detail"].startswith(
        "the request is not valid: query.task_name: there is no such field (known: "
    )
    assert ", task, target, " in misspelt["detail"]
    run = {"chip_id": "a", "flow": "bring-up"}
    for wrong, place, known in (
        ({"qids": ["0"]}, "body.qids", "chip_id, flow, flow_version, project_id, targets, "),
        ({"targets": {"qids": ["0"]}}, "body.targets.qids", "qubits, muxes, couplings, exclude)"),
    ):
        refused = viewer.post("/plans", json=run | wrong).json()
        assert refused["errors"][0]["place"] == place
        assert known in refused["detail"]


@pytest.mark.slow
def test_a_body_that_is_not_json_is_refused_with_the_reason(viewer: TestClient) -> None:
    json = {"content-type": "application/json"}
    for headers, body, said in (
        (
            {},
            b'{"chip_id": "a"}',
            "body: it has to be a JSON object, sent with `Content-Type: application/json`",
        ),
        (json, b'{"chip_id":', "body.11: it is not valid JSON (Expecting value)"),
        (json, b'{"flow": "bring-up", "targets": 5}', "body.targets: it has to be names with values"),
        (
            json,
            b'{"flow": "bring-up", "targets": {"qubits": "0"}}',
            "body.targets.qubits: it has to be a list",
        ),
    ):
        refused = viewer.post("/plans", content=body, headers=headers).json()
        assert (refused["status"], refused["detail"]) == (422, f"the request is not valid: {said}")


def test_plugins_are_listed_with_what_they_provide_by_hooks_that_the_host_does_not_call(
    viewer: TestClient,
) -> None:
    provided = {one["name"]: one["provides"] for one in viewer.get("/plugins").json()["items"]}
    assert "Note (result)" in provided["notes"]["qdash_dashboard_sections"]
    assert provided["ui"]["qdash_cli"] == ["ui"]
