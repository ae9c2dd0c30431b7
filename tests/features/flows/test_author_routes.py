"""Routes of the authors of flows: problems, names, sources to begin with, and restored versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.project import DEFAULT_USER
from qdash_core.settings import Settings

from ...api.conftest import run_host
from ...case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

NIGHT = 'def night(chip_id, shots: int = 1024):\n    """What runs at night."""\n'


@each_case(("username", "may_save"), [("owner", True), ("editor", True), ("viewer", False)])
def test_everybody_learns_of_problems_and_whether_they_may_save(
    host: Host, username: str, may_save: bool
) -> None:
    client = host.connect_as(username)
    answer = client.post("/flows/problems", json={"source": f"{NIGHT}    return nothing_there\n"})
    assert answer.status_code == 200, answer.text
    (problem,) = answer.json()["problems"]
    assert problem == {
        "line": 3,
        "column": 12,
        "severity": "warning",
        "problem": "undefined name 'nothing_there'",
    }
    assert answer.json()["checked"]["function"] == "night"
    assert ("save_obstacle" not in answer.json()) is may_save


def test_the_names_for_flows_are_those_of_the_chip(host: Host, viewer: TestClient) -> None:
    created = host.connect_as("owner").post(
        "/chips", json={"chip_id": "lab", "topology": "linear-16", "backend": "fake"}
    )
    assert created.status_code == 201, created.text
    names = {}
    after: dict[str, str] = {}
    while True:
        page = viewer.get("/chips/lab/flow-names", params={"limit": 200, **after}).json()
        names |= {(one["kind"], one["name"]): one for one in page["items"]}
        if "next" not in page:
            break
        after = {"after": page["next"]}
    assert names["step", "CustomOneQubit"]["module"] == "qdash_core.flows.steps"
    assert names["step", "CustomOneQubit"]["signature"].startswith("(tasks, strategy=None")
    assert ("task", "CheckT1") in names
    assert names["parameter", "shots"]["description"]
    assert viewer.get("/chips/absent/flow-names").status_code == 404


def test_a_flow_of_a_plugin_has_a_source_to_begin_with(viewer: TestClient) -> None:
    source = viewer.get("/flows/check/source").json()["source"]
    assert "OneQubitCheck(" in source
    assert viewer.post("/flows/problems", json={"source": source}).json()["problems"] == []
    assert viewer.get("/flows/absent/source").status_code == 404


def test_an_editor_restores_a_version_and_a_viewer_does_not(editor: TestClient, viewer: TestClient) -> None:
    assert editor.put("/flows/night", json={"source": NIGHT}).status_code == 200
    assert editor.put("/flows/night", json={"source": f"{NIGHT}#"}).status_code == 200
    etag = editor.get("/flows/night").headers["etag"]
    path = "/flows/night/versions/1/restore"
    assert viewer.post(path).status_code == 403
    assert editor.post(path, headers={"if-match": '"0"'}).status_code == 412
    assert editor.post(path, headers={"if-match": etag}).json()["version"] == 3
    assert viewer.get("/flows/night").json()["saved"]["source"] == NIGHT
    assert editor.post("/flows/night/versions/9/restore").status_code == 404


def test_a_deleted_flow_is_listed_for_everybody_and_restored_by_an_editor(
    editor: TestClient, viewer: TestClient
) -> None:
    for name in ("night", "old"):
        assert editor.put(f"/flows/{name}", json={"source": NIGHT}).status_code == 200
        assert viewer.delete(f"/flows/{name}").status_code == 403
        assert editor.delete(f"/flows/{name}").status_code == 200
    page = viewer.get("/deleted-flows", params={"limit": 1}).json()
    rest = viewer.get("/deleted-flows", params={"after": page["next"]}).json()
    assert [one["name"] for one in (*page["items"], *rest["items"])] == ["old", "night"]
    assert "next" not in rest
    assert "editor" in page["items"][0]["restore_obstacle"]

    shown = editor.get("/deleted-flows/night").json()
    assert (shown["version"], shown["deleted_by"]) == (1, "editor")
    assert shown["deleted_at"] >= shown["updated_at"]
    assert not shown.keys() & {"source", "restore_obstacle"}
    new = {"if-match": '"0"'}
    assert editor.post("/flows/night/versions/1/restore", headers=new).json()["version"] == 2
    assert editor.post("/flows/night/versions/1/restore", headers=new).status_code == 412
    assert viewer.get("/flows/night").status_code == 200
    assert viewer.get("/deleted-flows/night").status_code == 404


def test_who_may_not_save_flows_may_neither_delete_nor_restore_them(
    tmp_path: Path, registry: Registry
) -> None:
    with run_host(Settings(home=tmp_path / "home"), registry) as host:
        administrator, editor = host.connect_as(DEFAULT_USER), host.connect_as("editor")
        for version in (1, 2):
            source = f"{NIGHT}# {version}\n"
            assert administrator.put("/flows/night", json={"source": source}).json()["version"] == version
        for refused in (
            editor.put("/flows/night", json={"source": NIGHT}),
            editor.delete("/flows/night"),
            editor.post("/flows/night/versions/1/restore"),
        ):
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/access-denied")
        obstacle = editor.get("/flows/night").json()["save_obstacle"]
        assert "administrators save, restore and delete them" in obstacle
        assert "save_obstacle" not in administrator.get("/flows/night").json()
        assert administrator.delete("/flows/night").json()["name"] == "night"
        assert editor.get("/deleted-flows/night").json()["restore_obstacle"] == obstacle
        assert editor.post("/flows/night/versions/1/restore").status_code == 403


def test_a_flow_is_created_only_if_there_is_none(editor: TestClient) -> None:
    new = {"if-match": '"0"'}
    assert editor.put("/flows/night", json={"source": NIGHT}, headers=new).status_code == 200
    assert editor.put("/flows/night", json={"source": f"{NIGHT}#"}, headers=new).status_code == 412
